import type { Socket } from 'node:net'
import { row, sql, type Db } from './sql.ts'

/** A connection of the driver below its promises: every statement is a command, and `onResult` hears of its answer. */
type OnResult = (...answer: unknown[]) => unknown
type Below = { stream: Socket; addCommand(command: { onResult?: OnResult }): unknown }

/**
 * Breaks a connection on which a statement has had no answer for so long and that is not at work any more: the answer was lost
 * on its way, or something between us and the server swallows everything. Whoever waits then gets an error and tries again
 * instead of waiting for ever. So does whoever waits on a connection that we close ourselves: of that the driver says nothing.
 */
export function breakWhenSilent(connection: unknown, silentMs: number, stillAtWork: () => Promise<boolean>): void {
  const below = connection as Below
  const add = below.addCommand.bind(below)
  const waits = new Map<NodeJS.Timeout, OnResult>()
  below.stream.on('data', () => { for (const wait of waits.keys()) wait.refresh() })
  below.stream.on('close', () => {
    for (const answer of [...waits.values()]) answer(Object.assign(new Error('the connection was closed before the answer came'), { code: 'PROTOCOL_CONNECTION_LOST', fatal: true }))
  })
  below.addCommand = (command) => {
    const told = command.onResult
    if (!told) return add(command)
    const ask = () => void stillAtWork().then((atWork) => {
      if (!waits.has(wait)) return
      if (atWork) wait.refresh()
      else below.stream.destroy(Object.assign(new Error('the answer to a statement never came'), { code: 'ETIMEDOUT' }))
    }, () => wait.refresh())
    const wait = setTimeout(ask, silentMs)
    const answered: OnResult = (...answer) => {
      clearTimeout(wait)
      waits.delete(wait)
      return told(...answer)
    }
    waits.set(wait, answered)
    command.onResult = answered
    return add(command)
  }
}

// The server has been idle for that long: an answer would have arrived.
const IDLE_SECONDS = 5

/** Whether the server is busy with that connection, or was until a moment ago. */
export async function isAtWork(control: Db, threadId: number): Promise<boolean> {
  const found = await row(control, sql`select 1 from information_schema.processlist where id = ${threadId} and (command <> 'Sleep' or time < ${IDLE_SECONDS})`)
  return found !== undefined
}
