import { Lock } from 'lucide-react'
import { MessagePage } from '#components/shell/message-page.tsx'

export default function Forbidden() {
  return (
    <MessagePage icon={Lock} title="Your role does not allow this">
      <p>The page exists, but not for your role. If you need it for your work, ask an admin of Onramp.</p>
    </MessagePage>
  )
}
