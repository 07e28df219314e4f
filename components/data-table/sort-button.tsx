import { ArrowDown, ArrowUp, ChevronsUpDown } from 'lucide-react'
import { cn } from '#components/ui/cn.ts'

type Props = { label: string; sorted: false | 'asc' | 'desc'; align?: 'left' | 'right' | 'center'; onPress: () => void }

/** The heading of a column that can be sorted by. `aria-sort` on the heading says the state. */
export function SortButton({ label, sorted, align = 'left', onPress }: Props) {
  const Icon = sorted === 'asc' ? ArrowUp : sorted === 'desc' ? ArrowDown : ChevronsUpDown
  return (
    <button
      type="button"
      onClick={onPress}
      className={cn('-mx-1.5 inline-flex min-h-6 items-center gap-1 rounded-sm px-1.5 hover:text-foreground', sorted && 'text-foreground', align === 'right' && 'flex-row-reverse')}
    >
      {label}
      <Icon aria-hidden className={cn('size-3.5', !sorted && 'opacity-50')} />
    </button>
  )
}
