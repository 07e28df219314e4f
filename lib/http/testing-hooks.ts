// For tests: what Next's bundler knows and Node does not. Names without an ending, and a package that throws outside of Next.
import { registerHooks } from 'node:module'

registerHooks({
  resolve: (name, context, next) => (name === 'server-only' ? { url: 'data:text/javascript,', shortCircuit: true } : next(/^next\/\w+$/.test(name) ? `${name}.js` : name, context)),
})
