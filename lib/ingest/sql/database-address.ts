export type DatabaseAddress = { host: string; port: number; user: string; password: string; /** Empty where it names none. */ database: string }

/** The parts of `mysql://user:password@host:port/database`, as drivers and statements take them. */
export function addressOf(url: string): DatabaseAddress {
  const { hostname, port, username, password, pathname } = new URL(url)
  return {
    // An IPv6 address has brackets in a URL only.
    host: hostname.replace(/^\[(.*)\]$/, '$1'), port: Number(port || 3306),
    user: decodeURIComponent(username), password: decodeURIComponent(password), database: decodeURIComponent(pathname.slice(1)),
  }
}
