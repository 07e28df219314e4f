import path from 'node:path'
import type { NextConfig } from 'next'

/** On every answer, files and API included. The Content-Security-Policy of pages carries a nonce and comes from proxy.ts. */
const headers = [
  { key: 'X-Content-Type-Options', value: 'nosniff' },
  { key: 'X-Frame-Options', value: 'DENY' },
  { key: 'Referrer-Policy', value: 'same-origin' },
  { key: 'Cross-Origin-Opener-Policy', value: 'same-origin' },
  { key: 'Cross-Origin-Resource-Policy', value: 'same-origin' },
  { key: 'Permissions-Policy', value: 'camera=(), microphone=(), geolocation=(), payment=()' },
  // Whether there will be https is not known when this is built; over plain http browsers pay no heed to it.
  { key: 'Strict-Transport-Security', value: 'max-age=31536000; includeSubDomains' },
]

/** What the API answers is data: should a browser show it as a page all the same, it may do nothing. */
const apiHeaders = [{ key: 'Content-Security-Policy', value: "default-src 'none'; frame-ancestors 'none'; sandbox" }]

const config: NextConfig = {
  distDir: process.env.ONRAMP_DIST_DIR ?? '.next',
  // Nothing here shows pictures, and the optimiser is a door less.
  images: { unoptimized: true },
  poweredByHeader: false,
  reactStrictMode: true,
  devIndicators: false,
  serverExternalPackages: ['@node-rs/argon2', 'mysql2', 'mariadb', '@prisma/adapter-mariadb', 'pino', '@tus/server', '@tus/file-store'],
  turbopack: { root: path.resolve(import.meta.dirname) },
  experimental: {
    authInterrupts: true,
    // Where a page cannot be fetched it waits and asks again; without this the browser leaves for its own words about the connection.
    useOffline: true,
  },
  headers: async () => [{ source: '/:path*', headers }, { source: '/api/:path*', headers: apiHeaders }],
}

export default config
