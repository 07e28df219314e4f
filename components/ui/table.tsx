import type { ComponentProps } from 'react'
import { cn } from './cn.ts'

/** The scroll region of a table: narrow screens move the table, never the page. `label` names it for screen readers. */
export function TableRegion({ label, className, ...props }: ComponentProps<'div'> & { label: string }) {
  return (
    // A region that scrolls must be reachable with the keyboard.
    <div role="region" aria-label={label} tabIndex={0} className={cn('relative w-full overflow-x-auto focus-visible:-outline-offset-2 print:overflow-visible', className)} {...props} />
  )
}

export function Table({ className, ...props }: ComponentProps<'table'>) {
  return <table className={cn('w-full border-separate border-spacing-0 text-13', className)} {...props} />
}

export function TableCaption({ className, ...props }: ComponentProps<'caption'>) {
  return <caption className={cn('sr-only', className)} {...props} />
}

export function TableHeader(props: ComponentProps<'thead'>) {
  return <thead {...props} />
}

export function TableBody({ className, ...props }: ComponentProps<'tbody'>) {
  return <tbody className={cn('[&>tr:last-child>*]:border-b-0', className)} {...props} />
}

export function TableFooter({ className, ...props }: ComponentProps<'tfoot'>) {
  return <tfoot className={cn('font-medium [&>tr>*]:border-t [&>tr>*]:border-b-0', className)} {...props} />
}

export function TableRow({ className, ...props }: ComponentProps<'tr'>) {
  return <tr className={cn('group/row', className)} {...props} />
}

/** A column's heading (`scope="col"`), or a row's with `scope="row"`. */
export function TableHead({ className, scope = 'col', ...props }: ComponentProps<'th'>) {
  return (
    <th
      scope={scope}
      className={cn(
        'h-9 border-b px-3 text-left align-middle whitespace-nowrap',
        scope === 'col' ? 'bg-surface text-xs font-medium text-muted-foreground' : 'py-1.5 font-medium',
        className,
      )}
      {...props}
    />
  )
}

export function TableCell({ className, ...props }: ComponentProps<'td'>) {
  return <td className={cn('h-9 border-b px-3 py-1.5 align-middle', className)} {...props} />
}
