'use client'

import { Check } from 'lucide-react'
import { cn } from '#components/ui/cn.ts'

export const stepTitles = ['Shop & partner', 'Files', 'Review', 'Upload'] as const

type Props = { current: number; /** Steps before the current one can be gone back to. */ mayGoBack: boolean; onGo: (step: number) => void }

/** Where one is in the wizard. */
export function StepsNav({ current, mayGoBack, onGo }: Props) {
  return (
    <nav aria-label="Steps of the upload">
      <ol className="grid grid-cols-4 gap-2">
        {stepTitles.map((title, step) => {
          const done = step < current
          const look = cn(
            'flex w-full items-center gap-2 border-t-2 pt-2 text-left text-13 font-medium',
            step === current ? 'border-foreground text-foreground' : done ? 'border-success text-foreground' : 'border-border text-muted-foreground',
          )
          const label = (
            <>
              <span
                aria-hidden
                className={cn(
                  'hidden size-5 shrink-0 place-items-center rounded-full border text-2xs tabular-nums sm:grid',
                  step === current && 'border-foreground bg-foreground text-background',
                  done && 'border-success bg-success text-background',
                )}
              >
                {done ? <Check className="size-3" /> : step + 1}
              </span>
              <span className="min-w-0 leading-tight">{title}</span>
              {done ? <span className="sr-only">, done</span> : null}
            </>
          )
          return (
            <li key={title} aria-current={step === current ? 'step' : undefined}>
              {done && mayGoBack ? (
                <button type="button" className={cn(look, 'min-h-6 rounded-b-sm hover:underline')} onClick={() => onGo(step)}>{label}</button>
              ) : (
                <span className={look}>{label}</span>
              )}
            </li>
          )
        })}
      </ol>
    </nav>
  )
}
