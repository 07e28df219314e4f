// npm passes a signal on that the terminal has sent to the whole process group already.
const SAME_SIGNAL_MS = 200

/**
 * Calls `stop` when the process is told to end, by Ctrl-C, SIGTERM or a closed terminal, and `again` when it is told so once
 * more. From here on the signals by themselves do nothing.
 */
export function whenToldToStop(stop: () => void, again: () => void): void {
  let toldAtMs: number | undefined
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      const first = toldAtMs === undefined
      toldAtMs ??= performance.now()
      if (first) stop()
      else if (performance.now() - toldAtMs > SAME_SIGNAL_MS) again()
    })
  }
}
