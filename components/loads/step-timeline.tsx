'use client'

import { ChevronRight, CircleCheck, CircleDashed, CircleMinus, CircleX, LoaderCircle, type LucideIcon } from 'lucide-react'
import { useState } from 'react'
import { cn } from '#components/ui/cn.ts'
import { Num } from '#components/ui/num.tsx'
import { Table, TableBody, TableCaption, TableCell, TableHead, TableHeader, TableRegion, TableRow } from '#components/ui/table.tsx'
import type { LineState, StepLine } from './steps.ts'
import { duration } from './words.ts'

const looks: Record<LineState, { word: string; icon: LucideIcon; classes: string }> = {
  done: { word: 'Done', icon: CircleCheck, classes: 'text-success' },
  running: { word: 'Running', icon: LoaderCircle, classes: 'text-info [&>svg]:animate-spin' },
  failed: { word: 'Failed', icon: CircleX, classes: 'text-danger' },
  waiting: { word: 'Waiting', icon: CircleDashed, classes: 'text-muted-foreground' },
  stopped: { word: 'Stopped', icon: CircleMinus, classes: 'text-muted-foreground' },
  not_reached: { word: 'Not reached', icon: CircleMinus, classes: 'text-muted-foreground' },
}

/** Step by step: state, rows, speed and time. Steps that work file by file open to one line per entity. */
export function StepTimeline({ lines, age = 0 }: { lines: StepLine[]; age?: number }) {
  const [opened, setOpened] = useState<Record<string, boolean>>({})
  return (
    <TableRegion label="Steps">
      <Table>
        <TableCaption>Steps of this attempt</TableCaption>
        <TableHeader>
          <TableRow>
            <TableHead>Step</TableHead>
            <TableHead>State</TableHead>
            <TableHead className="text-right">Rows</TableHead>
            <TableHead className="text-right">Rows/s</TableHead>
            <TableHead className="text-right">Time</TableHead>
          </TableRow>
        </TableHeader>
        <TableBody>
          {lines.map((line) => {
            const open = opened[line.key] ?? line.state === 'running'
            return [
              <Line key={line.key} line={line} age={age} open={line.parts.length > 0 ? open : undefined} onToggle={() => setOpened({ ...opened, [line.key]: !open })} />,
              ...(open ? line.parts.map((part) => <Line key={part.key} line={part} age={age} nested />) : []),
            ]
          })}
        </TableBody>
      </Table>
    </TableRegion>
  )
}

type LineProps = { line: StepLine; age: number; nested?: boolean; open?: boolean; onToggle?: () => void }

function Line({ line, age, nested = false, open, onToggle }: LineProps) {
  const { word, icon: Icon, classes } = looks[line.state]
  const running = line.state === 'running'
  return (
    <TableRow>
      <TableHead scope="row" className={cn('font-medium', nested && 'pl-10 font-normal text-muted-foreground')}>
        {open === undefined ? (
          <span className={nested ? undefined : 'pl-5'}>{line.title}</span>
        ) : (
          <button type="button" aria-expanded={open} onClick={onToggle} className="-ml-1 inline-flex min-h-6 items-center gap-1 rounded-sm px-1 hover:underline">
            <ChevronRight aria-hidden className={cn('size-4 text-muted-foreground transition-transform', open && 'rotate-90')} />
            {line.title}
          </button>
        )}
      </TableHead>
      <TableCell>
        <span className={cn('inline-flex items-center gap-1.5 align-middle whitespace-nowrap [&>svg]:size-4', classes)}>
          <Icon aria-hidden />
          {word}
        </span>
      </TableCell>
      <TableCell className="text-right"><Num value={line.rows} /></TableCell>
      <TableCell className="text-right text-muted-foreground"><Num value={line.rowsPerSecond} /></TableCell>
      <TableCell className="text-right whitespace-nowrap tabular-nums">{line.seconds === null ? '—' : duration(line.seconds + (running ? age : 0))}</TableCell>
    </TableRow>
  )
}
