import type { Metadata } from 'next'
import { config } from '#lib/config.ts'
import { ChoosePassword } from './choose-password.tsx'

export const metadata: Metadata = { title: 'Choose a password' }

/** Where a one-time link leads. Its token is behind the #, which browsers send to nobody, so the page's script takes it from there. */
export default function InvitePage() {
  return <ChoosePassword environment={config().ONRAMP_ENVIRONMENT} />
}
