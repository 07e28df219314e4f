import { runOnramp, type Ended } from '../workers/run-onramp.ts'

/** Runs the command line against the installation under test. */
export const onramp = (...args: string[]): Promise<Ended> => runOnramp(args)

/** The same with other settings. */
export const onrampWith = (env: Record<string, string>, ...args: string[]): Promise<Ended> => runOnramp(args, env)
