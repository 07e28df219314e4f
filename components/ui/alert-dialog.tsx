'use client'

import { AlertDialog as Primitive } from 'radix-ui'
import type { ComponentProps } from 'react'
import { cn } from './cn.ts'
import { overlayClasses } from './dialog.tsx'
import { useReturnFocus } from './use-return-focus.ts'

export const AlertDialog = Primitive.Root
export const AlertDialogTrigger = Primitive.Trigger
/** Wrap buttons: `<AlertDialogCancel asChild><Button>Keep it</Button></AlertDialogCancel>`. Cancel gets the focus. */
export const AlertDialogCancel = Primitive.Cancel
export const AlertDialogAction = Primitive.Action

/** A question that must be answered. Needs an AlertDialogTitle and an AlertDialogDescription. */
export function AlertDialogContent({ className, ...props }: ComponentProps<typeof Primitive.Content>) {
  const focus = useReturnFocus(props)
  return (
    <Primitive.Portal>
      <Primitive.Overlay className={overlayClasses} />
      <Primitive.Content
        className={cn(
          'fixed top-[20vh] left-1/2 z-50 grid max-h-[70vh] w-[calc(100vw-2rem)] max-w-md -translate-x-1/2 gap-4 overflow-y-auto rounded-xl border bg-popover p-5 text-popover-foreground shadow-lg',
          'data-[state=open]:animate-in data-[state=closed]:animate-out data-[state=open]:fade-in-0 data-[state=closed]:fade-out-0',
          className,
        )}
        {...props}
        {...focus}
      />
    </Primitive.Portal>
  )
}

export function AlertDialogTitle({ className, ...props }: ComponentProps<typeof Primitive.Title>) {
  return <Primitive.Title className={cn('text-base font-semibold', className)} {...props} />
}

export function AlertDialogDescription({ className, ...props }: ComponentProps<typeof Primitive.Description>) {
  return <Primitive.Description className={cn('text-13 text-muted-foreground', className)} {...props} />
}

export function AlertDialogFooter({ className, ...props }: ComponentProps<'div'>) {
  return <div className={cn('flex flex-wrap justify-end gap-2', className)} {...props} />
}
