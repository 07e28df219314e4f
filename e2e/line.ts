import { connect, createServer, type Server, type Socket } from 'node:net'

/** A line to a server that can be cut, be down, or let only so much through. */
export class Line {
  readonly port: number
  #down = false
  #allowance = Infinity
  readonly #server: Server
  readonly #open = new Map<Socket, Socket>()

  private constructor(server: Server, targetPort: number) {
    this.#server = server
    this.port = (server.address() as { port: number }).port
    server.on('connection', (client) => this.#carry(client, targetPort))
  }

  static async to(targetPort: number): Promise<Line> {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return new Line(server, targetPort)
  }

  /** Breaks every connection; the next one gets through. */
  cut(): void {
    for (const [client, server] of this.#open) {
      client.resetAndDestroy()
      server.destroy()
    }
  }

  /** Breaks every connection, and every further one until it is `up` again. */
  takeDown(): void {
    this.#down = true
    this.cut()
  }

  up(): void {
    this.#down = false
  }

  /** Lets so many more bytes through to the server, and then nothing until it is `flowing` again. */
  stopAfter(bytes: number): void {
    this.#allowance = bytes
  }

  flow(): void {
    this.#allowance = Infinity
    for (const client of this.#open.keys()) client.resume()
  }

  /** Whether what was to stop has stopped. */
  get stopped(): boolean {
    return this.#allowance <= 0
  }

  async close(): Promise<void> {
    this.takeDown()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  #carry(client: Socket, targetPort: number): void {
    if (this.#down) return void client.resetAndDestroy()
    const server = connect(targetPort, '127.0.0.1')
    this.#open.set(client, server)
    const end = () => {
      this.#open.delete(client)
      client.destroy()
      server.destroy()
    }
    for (const socket of [client, server]) socket.on('error', end).on('close', end)
    server.on('data', (piece) => client.write(piece))
    client.on('data', (piece) => {
      server.write(piece)
      this.#allowance -= piece.length
      if (this.#allowance <= 0) client.pause()
    })
  }
}
