'use client'

import { Check, Minus } from 'lucide-react'
import { Checkbox as Primitive } from 'radix-ui'
import type { ComponentProps } from 'react'
import { cn } from './cn.ts'

/** A checkbox of 16 px within a target of 24 px. Give it an id and a Label. */
export function Checkbox({ className, ...props }: ComponentProps<typeof Primitive.Root>) {
  return (
    <Primitive.Root className={cn('group grid size-6 shrink-0 place-items-center rounded-md disabled:opacity-50', className)} {...props}>
      <span className="grid size-4 place-items-center rounded-sm border border-input bg-card text-primary-foreground group-data-[state=checked]:border-primary group-data-[state=checked]:bg-primary group-data-[state=indeterminate]:border-primary group-data-[state=indeterminate]:bg-primary">
        <Primitive.Indicator>
          {props.checked === 'indeterminate' ? <Minus aria-hidden className="size-3.5" /> : <Check aria-hidden className="size-3.5" />}
        </Primitive.Indicator>
      </span>
    </Primitive.Root>
  )
}
