import { connect, createServer, type Server, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/**
 * What becomes of a packet that a client sends: `lost` is not sent on and the line breaks, `torn` is sent by half, `unanswered`
 * is sent and the line breaks before its answer, `silent` is not sent on and nothing is ever heard again, a number is sent so
 * many milliseconds later.
 */
export type Fault = 'lost' | 'torn' | 'unanswered' | 'silent' | number
/** A command, or a piece of the data of LOAD DATA (then `text` is empty). Connections are numbered from 1. */
export type Packet = { connection: number; text: string }

const HEADER_BYTES = 4
const COM_QUERY = 0x03
const LOCAL_INFILE = 0xfb
const REFUSED = 0xff
// What stands before the text of a query for MySQL 8.0.23 and newer: the numbers of its attributes and of their sets.
const NO_ATTRIBUTES = [0, 1]

/** A database server behind a line that breaks when it is told to. */
export class FaultyLine {
  /** Asked for every packet. */
  fault: (packet: Packet) => Fault | undefined = () => undefined
  /** Changes the text of a query on its way, to another of the same length. */
  rewrite: (text: string) => string = (text) => text
  /** While true, nobody gets through. */
  down = false
  /** The numbers of the errors that the server has answered with. */
  readonly refusals: number[] = []
  readonly #target: URL
  readonly #server: Server
  readonly #cuts = new Set<() => void>()
  #connections = 0

  private constructor(target: URL, server: Server) {
    this.#target = target
    this.#server = server
    server.on('connection', (client) => void this.#carry(client, ++this.#connections).catch(() => client.destroy()))
  }

  static async to(url: string): Promise<FaultyLine> {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return new FaultyLine(new URL(url), server)
  }

  /** How often somebody has tried to get through. */
  get connections(): number {
    return this.#connections
  }

  /** The server's address by this line. */
  get url(): string {
    const { port } = this.#server.address() as { port: number }
    return Object.assign(new URL(this.#target), { host: `127.0.0.1:${port}` }).href
  }

  /** Breaks every connection. */
  cut(): void {
    for (const one of this.#cuts) one()
  }

  async close(): Promise<void> {
    this.cut()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  async #carry(client: Socket, connection: number): Promise<void> {
    const server = connect(Number(this.#target.port || 3306), this.#target.hostname)
    const cut = () => {
      client.resetAndDestroy()
      server.destroy()
    }
    if (this.down) return cut()
    this.#cuts.add(cut)
    for (const socket of [client, server]) socket.on('error', cut).on('close', () => { this.#cuts.delete(cut); cut() })
    let [answerExpected, sendsFile, unanswered, silent] = [false, false, false, false]
    server.on('data', (chunk) => {
      if (unanswered) return cut()
      if (silent) return
      if (answerExpected) sendsFile = chunk[HEADER_BYTES] === LOCAL_INFILE && chunk[0]! > 1
      if (answerExpected && chunk[HEADER_BYTES] === REFUSED) this.refusals.push(chunk.readUInt16LE(HEADER_BYTES + 1))
      answerExpected = false
      client.write(chunk)
    })
    let rest = Buffer.alloc(0)
    for await (const chunk of client) {
      rest = Buffer.concat([rest, chunk as Buffer])
      while (rest.length >= HEADER_BYTES && rest.length >= HEADER_BYTES + rest.readUIntLE(0, 3)) {
        const packet = rest.subarray(0, HEADER_BYTES + rest.readUIntLE(0, 3))
        rest = rest.subarray(packet.length)
        const isCommand = packet[3] === 0 && !sendsFile
        if (packet.length === HEADER_BYTES) sendsFile = false
        const isQuery = isCommand && packet[HEADER_BYTES] === COM_QUERY
        const textAt = HEADER_BYTES + 1 + (packet[HEADER_BYTES + 1] === NO_ATTRIBUTES[0] && packet[HEADER_BYTES + 2] === NO_ATTRIBUTES[1] ? NO_ATTRIBUTES.length : 0)
        const text = isQuery ? packet.toString('latin1', textAt) : ''
        // What belongs to signing in and out is left alone.
        const fault = isQuery || sendsFile ? this.fault({ connection, text }) : undefined
        if (fault === 'lost') return cut()
        if (fault === 'silent') silent = true
        if (silent) continue
        if (fault === 'torn') return void server.write(packet.subarray(0, packet.length / 2), cut)
        if (typeof fault === 'number') await sleep(fault)
        unanswered = fault === 'unanswered'
        answerExpected = isCommand
        if (isQuery) packet.write(this.rewrite(text), textAt, 'latin1')
        server.write(packet)
      }
    }
  }
}
