'use client'

import { useEffect, useMemo, useReducer, useRef, useState } from 'react'
import { MANIFEST_NAME, entities, entityOfFile } from '#lib/contract/index.ts'
import { compare, manifestOf, type Line, type NewManifest } from '#lib/upload/compare.ts'
import type { InspectedCsv, InspectedManifest } from '#lib/upload/inspect.ts'
import type { InspectReply } from '#lib/upload/inspect.worker.ts'
import { recognise, type Found } from '#lib/upload/recognise.ts'
import { Inspector } from './inspector.ts'

/** How far reading a chosen file is. `unreadable`: the browser could not read it; `broken`: we could not. */
type Reading = 'reading' | 'read' | 'unreadable' | 'broken'
type Chosen = { name: string; path: string; file: Blob; reading: Reading; readBytes: number; request: number }
export type ChosenFile = Chosen & { inspected: InspectedCsv | null }
export type ChosenManifest = Chosen & { inspected: InspectedManifest | null }

type State = {
  files: readonly ChosenFile[]
  manifest: ChosenManifest | null
  /** Since when the manifest is to be written from the chosen files. */
  makeSince: Date | null
  ignored: readonly string[]
  twice: readonly string[]
}
type Action =
  | { kind: 'chosen'; files: readonly ChosenFile[]; manifest: ChosenManifest | null; ignored: readonly string[]; twice: readonly string[] }
  | { kind: 'removed'; name: string }
  | { kind: 'manifest asked'; request: number }
  | { kind: 'make'; since: Date | null }
  | InspectReply

const nothing: State = { files: [], manifest: null, makeSince: null, ignored: [], twice: [] }

function reduce(state: State, action: Action): State {
  switch (action.kind) {
    case 'chosen': {
      const replaced = new Set(action.files.map(({ name }) => name))
      return {
        files: [...state.files.filter(({ name }) => !replaced.has(name)), ...action.files],
        manifest: action.manifest ?? state.manifest,
        makeSince: action.manifest ? null : state.makeSince,
        ignored: action.ignored, twice: action.twice,
      }
    }
    case 'removed':
      return action.name === MANIFEST_NAME ? { ...state, manifest: null } : { ...state, files: state.files.filter(({ name }) => name !== action.name) }
    case 'manifest asked':
      return { ...state, manifest: state.manifest && { ...state.manifest, request: action.request, reading: 'reading' } }
    case 'make':
      return { ...state, makeSince: action.since }
    default:
      return replied(state, action)
  }
}

function replied(state: State, reply: InspectReply): State {
  if (state.manifest?.request === reply.id) return { ...state, manifest: advanced(state.manifest, reply) }
  return { ...state, files: state.files.map((file) => (file.request === reply.id ? advanced(file, reply) : file)) }
}

function advanced<C extends ChosenFile | ChosenManifest>(chosen: C, reply: InspectReply): C {
  if ('result' in reply) return { ...chosen, reading: 'read', readBytes: chosen.file.size, inspected: reply.result }
  return reply.kind === 'progress' ? { ...chosen, readBytes: reply.bytes } : { ...chosen, reading: reply.kind }
}

export type ChosenFiles = State & {
  lines: Line[]
  /** The manifest to send: as chosen, or made from the files; null while there is none. */
  made: NewManifest | null
  reading: boolean
  add: (found: readonly Found<File>[]) => void
  addEmpty: (name: string) => void
  remove: (name: string) => void
  makeManifest: (make: boolean) => void
}

/** The files chosen for a load, read in a worker, and how they compare with the manifest. */
export function useChosenFiles(loadId: string): ChosenFiles {
  const [state, dispatch] = useReducer(reduce, nothing)
  const [inspector] = useState(() => new Inspector(dispatch))
  const requests = useRef(0)
  useEffect(() => () => inspector.close(), [inspector])

  // A manifest is judged against the load id, so it is read again when that changes.
  const manifestFile = state.manifest?.file ?? null
  useEffect(() => {
    if (!manifestFile) return
    const id = ++requests.current
    dispatch({ kind: 'manifest asked', request: id })
    inspector.inspect({ id, kind: 'manifest', file: manifestFile, loadId })
  }, [manifestFile, loadId, inspector])

  const begin = (name: string, path: string, file: Blob): Chosen => ({ name, path, file, reading: 'reading', readBytes: 0, request: ++requests.current })

  const choose = (found: readonly Found<Blob>[], ignored: readonly string[], twice: readonly string[]) => {
    const csvs = found.filter(({ name }) => name !== MANIFEST_NAME)
    const manifest = found.find(({ name }) => name === MANIFEST_NAME)
    const files = csvs.map(({ name, path, file }): ChosenFile => ({ ...begin(name, path, file), inspected: null }))
    dispatch({ kind: 'chosen', files, manifest: manifest ? { ...begin(MANIFEST_NAME, manifest.path, manifest.file), inspected: null } : null, ignored, twice })
    for (const { request, file, name } of files) inspector.inspect({ id: request, kind: 'csv', file, name, entity: entityOfFile(name)!.name })
  }

  const usable = state.manifest?.inspected ?? null
  const made = useMemo(() => (state.makeSince ? manifestFrom(loadId, state.files, state.makeSince) : null), [loadId, state.files, state.makeSince])
  const lines = useMemo(() => {
    const listed = state.makeSince ? (made ? listedIn(made) : null) : (usable?.listed ?? null)
    return compare(state.files, listed)
  }, [state.files, state.makeSince, usable, made])

  return {
    ...state,
    lines,
    made,
    reading: [...state.files, state.manifest].some((each) => each?.reading === 'reading'),
    add: (found) => {
      const { files, twice, ignored } = recognise(found)
      choose([...files].map(([name, { path, file }]) => ({ name, path, file })), ignored, [...twice.values()].flat().map(({ path }) => path))
    },
    addEmpty: (name) => choose([{ name, path: name, file: new Blob([]) }], state.ignored, state.twice),
    remove: (name) => dispatch({ kind: 'removed', name }),
    makeManifest: (make) => dispatch({ kind: 'make', since: make ? new Date() : null }),
  }
}

/** The manifest of the chosen files; null while one is missing, comes under two names or is not read. */
function manifestFrom(loadId: string, files: readonly ChosenFile[], since: Date): NewManifest | null {
  const inOrder = entities.map((e) => files.filter(({ name }) => entityOfFile(name) === e))
  if (inOrder.some((of) => of.length !== 1 || !of[0]!.inspected)) return null
  return manifestOf(loadId, inOrder.map(([file]) => ({ name: file!.name, inspected: file!.inspected! })), since)
}

function listedIn({ files }: NewManifest) {
  return files.map(({ name, rows, sha256 }) => ({ name, rows, sha256, entity: entityOfFile(name)!.name }))
}
