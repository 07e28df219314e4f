/** What random tests begin with; `SEED=n` runs them again as a failed run did. */
export const SEED = Number(process.env.SEED ?? 20_251_120)
