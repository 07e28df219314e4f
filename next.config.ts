import path from 'node:path'
import type { NextConfig } from 'next'

const https = process.env.NEXTAUTH_URL?.startsWith('https://') ?? false

/** On every answer, files and API included. The Content-Security-Policy of pages carries a nonce and comes from proxy.ts. */
const headers = [
  { key: 'X-Content-Type-Options', value: 'nosniff' },
  { key: 'X-Frame-Options', value: 'DENY' },
  { key: 'Referrer-Policy', value: 'same-origin' },
  { key: 'Cross-Origin-Opener-Policy', value: 'same-origin' },
  { key: 'Cross-Origin-Resource-Policy', value: 'same-origin' },
  { key: 'Permissions-Policy', value: 'camera=(), microphone=(), geolocation=(), payment=()' },
  ...(https ? [{ key: 'Strict-Transport-Security', value: 'max-age=31536000; includeSubDomains' }] : []),
]

const config: NextConfig = {
  distDir: process.env.ONRAMP_DIST_DIR ?? '.next',
  // Nothing here shows pictures, and the optimiser is a door less.
  images: { unoptimized: true },
  poweredByHeader: false,
  reactStrictMode: true,
  devIndicators: false,
  serverExternalPackages: ['@node-rs/argon2', 'mysql2', 'mariadb', '@prisma/adapter-mariadb', 'pino', '@tus/server', '@tus/file-store'],
  turbopack: { root: path.resolve(import.meta.dirname) },
  experimental: { authInterrupts: true },
  headers: async () => [{ source: '/:path*', headers }],
}

export default config
