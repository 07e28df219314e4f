'use client'

import { Tooltip as Primitive } from 'radix-ui'
import { useRef, useState, type ComponentProps, type ReactNode } from 'react'
import { cn } from './cn.ts'

export const TooltipProvider = Primitive.Provider

type Props = { content: ReactNode; children: ReactNode; side?: ComponentProps<typeof Primitive.Content>['side']; className?: string }

/** A short explanation on hover and focus. The child must take focus and make sense without it. */
export function Tooltip({ content, children, side = 'top', className }: Props) {
  const [open, setOpen] = useState(false)
  const trigger = useRef<HTMLButtonElement>(null)
  const escaped = useRef(false)
  // Whoever goes with Tab to what is out of sight scrolls the page, and any scrolling would close it again at once.
  const change = (next: boolean) => {
    const stays = !next && !escaped.current && trigger.current?.matches(':focus-visible') === true
    escaped.current = false
    if (!stays) setOpen(next)
  }
  return (
    <Primitive.Root open={open} onOpenChange={change}>
      <Primitive.Trigger asChild ref={trigger}>{children}</Primitive.Trigger>
      <Primitive.Portal>
        <Primitive.Content
          side={side}
          sideOffset={6}
          collisionPadding={8}
          onEscapeKeyDown={() => (escaped.current = true)}
          className={cn('z-50 max-w-xs rounded-md bg-primary px-2 py-1 text-xs text-primary-foreground shadow-md', className)}
        >
          {content}
        </Primitive.Content>
      </Primitive.Portal>
    </Primitive.Root>
  )
}
