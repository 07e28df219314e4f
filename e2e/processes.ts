import { readFileSync, readdirSync } from 'node:fs'

/** Processes of an installation: their environment names its data folder. */
export function processesOf(dataDir: string): { pid: number; command: string }[] {
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name)).flatMap((pid) => {
    try {
      const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
      const ours = command !== '' && readFileSync(`/proc/${pid}/environ`, 'utf8').includes(`ONRAMP_DATA_DIR=${dataDir}`)
      return ours ? [{ pid: Number(pid), command }] : []
    } catch {
      return []
    }
  })
}
