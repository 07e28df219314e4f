'use client'

import { Eye, EyeOff } from 'lucide-react'
import { useState, type ComponentProps } from 'react'
import { cn } from '#components/ui/cn.ts'
import { Input } from '#components/ui/input.tsx'

/** A password, hidden until its eye is pressed. */
export function PasswordInput({ className, ...props }: Omit<ComponentProps<typeof Input>, 'type'>) {
  const [shown, setShown] = useState(false)
  const Icon = shown ? EyeOff : Eye
  return (
    <div className="relative">
      <Input {...props} type={shown ? 'text' : 'password'} spellCheck={false} autoCapitalize="none" className={cn('pr-9', className)} />
      <button
        type="button" aria-label={shown ? 'Hide what is typed' : 'Show what is typed'} aria-pressed={shown} onClick={() => setShown(!shown)}
        className="absolute inset-y-0 right-1 my-auto grid size-7 place-items-center rounded-md text-muted-foreground hover:bg-accent hover:text-foreground"
      >
        <Icon aria-hidden className="size-4" />
      </button>
    </div>
  )
}
