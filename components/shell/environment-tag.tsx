import { cn } from '#components/ui/cn.ts'

/** Which installation this is; production in capitals and red, so that nobody tries things out there. */
export function EnvironmentTag({ environment }: { environment: string }) {
  const production = environment.toLowerCase() === 'production'
  return (
    <span
      className={cn(
        'inline-flex h-6 max-w-40 items-center truncate rounded-md border px-2 text-xs font-medium',
        production ? 'border-danger-border bg-danger-subtle text-danger' : 'border-border bg-surface text-muted-foreground',
      )}
    >
      <span className="sr-only">Environment: </span>
      {production ? 'PRODUCTION' : environment}
    </span>
  )
}
