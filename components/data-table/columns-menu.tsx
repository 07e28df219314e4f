'use client'

import { Columns3 } from 'lucide-react'
import { Button } from '#components/ui/button.tsx'
import { DropdownMenu, DropdownMenuCheckboxItem, DropdownMenuContent, DropdownMenuLabel, DropdownMenuTrigger } from '#components/ui/dropdown-menu.tsx'

type Props = { columns: readonly { id: string; header: string }[]; hidden: readonly string[]; onChange: (hidden: string[]) => void }

/** Chooses which columns of a list are shown. It stays open while several are changed. */
export function ColumnsMenu({ columns, hidden, onChange }: Props) {
  return (
    <DropdownMenu>
      <DropdownMenuTrigger asChild>
        <Button size="sm"><Columns3 aria-hidden />Columns</Button>
      </DropdownMenuTrigger>
      <DropdownMenuContent>
        <DropdownMenuLabel>Shown columns</DropdownMenuLabel>
        {columns.map(({ id, header }) => (
          <DropdownMenuCheckboxItem
            key={id}
            checked={!hidden.includes(id)}
            onSelect={(event) => event.preventDefault()}
            onCheckedChange={(shown) => onChange(shown ? hidden.filter((other) => other !== id) : [...hidden, id])}
          >
            {header}
          </DropdownMenuCheckboxItem>
        ))}
      </DropdownMenuContent>
    </DropdownMenu>
  )
}
