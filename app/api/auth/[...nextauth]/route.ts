import NextAuth from 'next-auth'
import type { NextRequest } from 'next/server'
import { callbackCookie, takenAway } from '#lib/auth/cookie.ts'
import { authOptions } from '#lib/auth/options.ts'
import { signInRequest } from '#lib/auth/requests.ts'
import { answerTo } from '#lib/http/route.ts'

type Context = { params: Promise<{ nextauth: string[] }> }

async function handler(request: NextRequest, context: Context): Promise<Response> {
  try {
    const { nextauth } = await context.params
    // The settings depend on the environment at run time, so they are made per request and not when the app is built.
    return await NextAuth(await signInRequest(request, nextauth) as never, context as never, authOptions())
  } catch (error) {
    const answer = answerTo(error, request)
    // Where it is what is wrong, the browser could never sign in again.
    if (request.cookies.has(callbackCookie())) answer.headers.append('set-cookie', takenAway(callbackCookie()))
    return answer
  }
}

export { handler as GET, handler as POST }
