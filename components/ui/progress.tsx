import { cn } from './cn.ts'

type Props = { label: string; /** 0 to 1; null while it cannot be known. */ value: number | null; tone?: 'info' | 'success' | 'danger'; className?: string }

const fills = { info: 'bg-info', success: 'bg-success', danger: 'bg-danger' }

/** How far something is. */
export function Progress({ label, value, tone = 'info', className }: Props) {
  const percent = value === null ? null : Math.round(Math.min(Math.max(value, 0), 1) * 100)
  return (
    <div
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      {...(percent === null ? {} : { 'aria-valuenow': percent })}
      className={cn('h-1.5 w-full overflow-hidden rounded-full bg-muted', className)}
    >
      <div className={cn('h-full rounded-full transition-[width]', fills[tone], percent === null && 'w-1/3 animate-pulse')} style={percent === null ? undefined : { width: `${percent}%` }} />
    </div>
  )
}
