import { runOnramp, type Ended } from '../workers/testing.ts'

/** Runs the command line against the installation under test. */
export const onramp = (...args: string[]): Promise<Ended> => runOnramp(args)
