import { SearchX } from 'lucide-react'
import { MessagePage } from '#components/shell/message-page.tsx'

export const metadata = { title: 'Not found' }

export default function NotFound() {
  return (
    <main className="min-h-dvh">
      <MessagePage icon={SearchX} title="This page does not exist">
        <p>The address may be misspelled.</p>
      </MessagePage>
    </main>
  )
}
