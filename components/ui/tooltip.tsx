'use client'

import { Tooltip as Primitive } from 'radix-ui'
import type { ComponentProps, ReactNode } from 'react'
import { cn } from './cn.ts'

export const TooltipProvider = Primitive.Provider

type Props = { content: ReactNode; children: ReactNode; side?: ComponentProps<typeof Primitive.Content>['side']; className?: string }

/** A short explanation on hover and focus. The child must take focus (a button or link) and make sense without it. */
export function Tooltip({ content, children, side = 'top', className }: Props) {
  return (
    <Primitive.Root>
      <Primitive.Trigger asChild>{children}</Primitive.Trigger>
      <Primitive.Portal>
        <Primitive.Content
          side={side}
          sideOffset={6}
          collisionPadding={8}
          className={cn('z-50 max-w-xs rounded-md bg-primary px-2 py-1 text-xs text-primary-foreground shadow-md', className)}
        >
          {content}
        </Primitive.Content>
      </Primitive.Portal>
    </Primitive.Root>
  )
}
