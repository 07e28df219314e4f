import NextAuth from 'next-auth'
import type { NextRequest } from 'next/server'
import { authOptions } from '#lib/auth/options.ts'

type Context = { params: Promise<{ nextauth: string[] }> }

// The settings depend on the environment at run time, so they are made per request and not when the app is built.
const handler = (request: NextRequest, context: Context): Promise<Response> => NextAuth(request as never, context as never, authOptions())

export { handler as GET, handler as POST }
