import type { Socket } from 'node:net'

/** A connection of the driver below its promises, and a statement that it sends. */
type Below = { stream: Socket; addCommand(command: Command): unknown }
type Command = { _streamFactory?: unknown; _streamLocalInfile?: (connection: unknown, path: string) => unknown; infileOk?: unknown }

/**
 * Closes a connection whose server asks for a file of this machine in answer to a statement that sends none: it is no database
 * of ours. The driver alone sends an empty file and goes on talking to it.
 */
export function refuseFileRequests(connection: unknown): void {
  const below = connection as Below
  const add = below.addCommand.bind(below)
  below.addCommand = (command) => {
    if (command._streamLocalInfile && command._streamFactory === undefined) {
      command._streamLocalInfile = () => {
        below.stream.destroy(Object.assign(new Error('the server asked for a file of this machine'), { code: 'FILE_REQUEST_REFUSED' }))
        return command.infileOk
      }
    }
    return add(command)
  }
}
