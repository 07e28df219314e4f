import { SearchX } from 'lucide-react'
import { MessagePage } from '#components/shell/message-page.tsx'

export default function NotFound() {
  return (
    <MessagePage icon={SearchX} title="This does not exist, or you may not see it">
      <p>The address may be misspelled, or what it names was never there. Ctrl-K finds a load by its id.</p>
    </MessagePage>
  )
}
