import { cn } from '#components/ui/cn.ts'

/** The mark: a road that climbs onto another. */
export function Logo({ className }: { className?: string }) {
  return (
    <span className={cn('inline-flex items-center gap-2 text-sm font-semibold tracking-tight', className)}>
      <svg aria-hidden viewBox="0 0 24 24" className="size-6">
        <rect width="24" height="24" rx="6" className="fill-primary" />
        <path d="M4.5 17.5h4.2c2.3 0 3.2-1.4 4-3.4l1-2.6c.7-1.9 1.7-3 3.9-3h2" className="fill-none stroke-primary-foreground" strokeWidth="2.1" strokeLinecap="round" />
        <path d="M13.8 17.5h5.7" className="fill-none stroke-primary-foreground" strokeWidth="2.1" strokeLinecap="round" strokeDasharray="1.6 3.2" />
      </svg>
      Onramp
    </span>
  )
}
