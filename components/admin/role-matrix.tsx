import { Check, Minus } from 'lucide-react'
import { roleWords } from '#components/account/role-words.ts'
import { Table, TableBody, TableCaption, TableCell, TableHead, TableHeader, TableRegion, TableRow } from '#components/ui/table.tsx'
import { can, permissionWords, roles, type Permission } from '#lib/auth/permissions.ts'

const permissions = Object.entries(permissionWords) as [Permission, string][]

/** What each role may do: the very table that the server decides by. */
export function RoleMatrix() {
  return (
    <div className="overflow-hidden rounded-lg border bg-card">
      <TableRegion label="What each role may do">
        <Table>
          <TableCaption>What each role may do</TableCaption>
          <TableHeader>
            <TableRow>
              <TableHead>Permission</TableHead>
              {roles.map((role) => <TableHead key={role} className="text-center">{roleWords[role].word}</TableHead>)}
            </TableRow>
          </TableHeader>
          <TableBody>
            {permissions.map(([permission, words]) => (
              <TableRow key={permission}>
                <TableHead scope="row">{words[0]!.toUpperCase() + words.slice(1)}</TableHead>
                {roles.map((role) => <TableCell key={role} className="text-center"><Mark granted={can({ role }, permission)} /></TableCell>)}
              </TableRow>
            ))}
          </TableBody>
        </Table>
      </TableRegion>
    </div>
  )
}

function Mark({ granted }: { granted: boolean }) {
  const Icon = granted ? Check : Minus
  return (
    <>
      <Icon aria-hidden className={granted ? 'mx-auto size-4 text-success' : 'mx-auto size-4 text-muted-foreground/60'} />
      <span className="sr-only">{granted ? 'Yes' : 'No'}</span>
    </>
  )
}
