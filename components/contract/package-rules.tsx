import { Card, CardContent, CardHeader, CardTitle } from '#components/ui/card.tsx'
import { MANIFEST_NAME } from '#lib/contract/index.ts'

const example = `{
  "load_id": "2025-08-22_acme",
  "files": [
    {
      "name": "customers.csv",
      "rows": 128,
      "sha256": "9f86d081884c7d65…"
    },
    …
  ]
}`

const rules = [
  'All seven files are listed in the manifest, each with its count of records and its SHA-256. The manifest comes last and starts the load.',
  '“rows”: 0 means that the shop chose not to bring this: the file may be empty.',
  'UTF-8, separated by commas, quoted like RFC 4180. Other separators and UTF-16 are refused, never guessed.',
  'Column names are matched exactly, then without letter case. Their order is free. A missing optional column reads as empty; an unknown one is kept in staging and reported.',
  'An empty cell is no value. In a later load it clears the field.',
  'Keys are compared byte for byte: A1, a1 and A1 with a blank are three keys. A key sent twice: the last row wins.',
  'Anything wrong with the package fails the load before a single row is written, and everything that is wrong is listed at once.',
  'Rows that are missing from a later load stay as they are; nothing is ever deleted.',
]

/** What holds for every file, and the manifest by example. */
export function PackageRules() {
  return (
    <Card>
      <CardHeader><CardTitle>The package</CardTitle></CardHeader>
      <CardContent className="grid gap-4">
        <ul className="grid list-disc gap-1.5 pl-4 text-13 marker:text-muted-foreground">{rules.map((rule) => <li key={rule}>{rule}</li>)}</ul>
        <figure>
          <figcaption className="mb-1.5 text-xs font-medium text-muted-foreground">{MANIFEST_NAME}</figcaption>
          <pre tabIndex={0} role="region" aria-label={`Example of ${MANIFEST_NAME}`} className="overflow-x-auto rounded-md border bg-surface p-3 font-mono text-xs">{example}</pre>
        </figure>
      </CardContent>
    </Card>
  )
}
