import next from '@next/eslint-plugin-next'
import { defineConfig, globalIgnores } from 'eslint/config'
import a11y from 'eslint-plugin-jsx-a11y'
import hooks from 'eslint-plugin-react-hooks'
// typescript-eslint cannot read TypeScript 7. Next's own parser can: types are the compiler's business (`npm run types`).
import parser from 'next/dist/compiled/babel/eslint-parser.js'

const SOURCES = ['**/*.{ts,tsx,mjs}']

/** Imports go one way: app → components, lib; workers → lib; ingest and contract stand alone (see README). */
const boundary = (files, patterns) => ({ files, ignores: ['**/*.test.{ts,tsx}'], rules: { 'no-restricted-imports': ['error', { patterns }] } })
const noPrisma = { regex: '(^#lib/data/prisma|^#lib/generated/|^@prisma/)', message: 'Pages and components read through lib/data.' }
const noServerOnly = { regex: '^server-only$', message: 'This also runs in plain Node, where server-only throws.' }

export default defineConfig([
  globalIgnores(['.next*/**', '.data*/**', 'lib/generated/**', 'next-env.d.ts', 'test-results/**', 'playwright-report/**', 'coverage/**']),
  {
    files: SOURCES,
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    languageOptions: {
      parser,
      parserOptions: {
        requireConfigFile: false, sourceType: 'module',
        babelOptions: { presets: ['next/babel'], caller: { supportsTopLevelAwait: true } },
      },
    },
    plugins: { '@next/next': next, 'react-hooks': hooks, 'jsx-a11y': a11y },
    rules: {
      ...next.configs['core-web-vitals'].rules,
      ...hooks.configs.recommended.rules,
      ...a11y.flatConfigs.recommended.rules,
      // A table that scrolls sideways must be reachable by keyboard, and so must the full time behind "5 min. ago".
      'jsx-a11y/no-noninteractive-tabindex': ['error', { roles: ['tabpanel', 'region'], tags: ['section', 'ol', 'time'] }],
      // A page that is nothing but a form may put the cursor into its first field.
      'jsx-a11y/no-autofocus': 'off',
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-constant-condition': ['error', { checkLoops: false }],
      'no-debugger': 'error',
      'no-dupe-keys': 'error',
      'no-duplicate-case': 'error',
      'no-else-return': 'error',
      'no-empty': ['error', { allowEmptyCatch: false }],
      'no-eval': 'error',
      'no-fallthrough': 'error',
      'no-implied-eval': 'error',
      'no-irregular-whitespace': 'error',
      'no-loss-of-precision': 'error',
      'no-promise-executor-return': 'off',
      'no-self-assign': 'error',
      'no-self-compare': 'error',
      'no-sparse-arrays': 'error',
      'no-unreachable': 'error',
      'no-unsafe-finally': 'error',
      'no-useless-catch': 'error',
      'no-useless-rename': 'error',
      'no-var': 'error',
      'object-shorthand': 'error',
      'prefer-const': 'error',
      'no-restricted-syntax': ['error',
        { selector: 'TSAnyKeyword', message: 'Say what it is, or unknown.' },
        { selector: 'TSEnumDeclaration', message: 'Node runs this by stripping types; use a union.' },
        { selector: 'ExportAllDeclaration', message: 'Name what is exported.' },
      ],
    },
  },
  boundary(['lib/contract/**'], [
    { regex: '^#lib/(?!contract/)', message: 'lib/contract imports nothing else.' }, { regex: '^#(components|workers)/', message: 'lib/contract imports nothing else.' }, noServerOnly,
  ]),
  boundary(['lib/ingest/**'], [
    { regex: '^#lib/(?!contract/|ingest/)', message: 'lib/ingest imports lib/contract and the driver only.' },
    { regex: '^(#components/|#workers/|react|next|@prisma)', message: 'lib/ingest is a library without React, Next and Prisma.' }, noServerOnly,
  ]),
  boundary(['components/**'], [noPrisma, { regex: '^#workers/', message: 'Components import lib and each other.' }]),
  boundary(['app/**'], [noPrisma, { regex: '^#workers/', message: 'app imports components and lib.' }]),
  boundary(['workers/**'], [noServerOnly, { regex: '^#components/', message: 'workers import lib.' }]),
  boundary(['lib/db/**', 'lib/jobs/**', 'lib/sample/**'], [noServerOnly, { regex: '^#(components|workers)/', message: 'lib imports lib.' }]),
  // The part itself; who uses it names the control.
  { files: ['components/ui/label.tsx'], rules: { 'jsx-a11y/label-has-associated-control': 'off' } },
  {
    files: ['**/*.test.{ts,tsx}', 'e2e/**/*.ts'],
    rules: {
      'no-restricted-syntax': ['error',
        { selector: 'CallExpression[callee.object.name=/^(test|it|describe)$/][callee.property.name=/^(skip|only|todo|fixme)$/]', message: 'Every test runs.' },
      ],
      // Playwright's fixtures are functions called `use`.
      'react-hooks/rules-of-hooks': 'off',
    },
  },
])
