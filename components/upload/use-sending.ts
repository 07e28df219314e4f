'use client'

import { useCallback, useEffect, useRef, useState, useSyncExternalStore } from 'react'
import { MANIFEST_NAME } from '#lib/contract/index.ts'
import { DeliverySender, type Outgoing, type Sending } from '#lib/upload/send.ts'
import { inspectManifest } from '#lib/upload/inspect.ts'
import { Refusal, ask } from './api.ts'
import type { OpenedDelivery, RefusalDetails, Shop } from './types.ts'
import type { ChosenFiles } from './use-chosen-files.ts'

/** How far sending is: asking where to, sending, or why not. */
export type Attempt =
  | { state: 'opening' }
  | { state: 'refused'; code: string; message: string; details: RefusalDetails }
  | { state: 'already loaded'; id: string }
  | { state: 'sending'; id: string; sender: DeliverySender }

const idle: Sending = { phase: 'ready', files: [], bytes: 0, sent: 0, bytesPerSecond: null, error: null }
const never = () => () => {}

/** Opens the delivery of the chosen files and sends them. */
export function useSending(shop: Shop | null, loadId: string, chosen: ChosenFiles) {
  const [attempt, setAttempt] = useState<Attempt | null>(null)
  const current = useRef<DeliverySender | null>(null)
  // What was asked for before a reset is not wanted any more when its answer comes.
  const tries = useRef(0)
  const sender = attempt?.state === 'sending' ? attempt.sender : null
  const sending = useSyncExternalStore(sender?.subscribe ?? never, sender?.snapshot ?? (() => idle), () => idle)

  useEffect(() => () => {
    tries.current++
    current.current?.dispose()
  }, [])

  const begin = async ({ dryRun, replace }: { dryRun: boolean; replace: boolean }) => {
    if (!shop) return
    const asked = ++tries.current
    setAttempt({ state: 'opening' })
    try {
      const { outgoing, manifest } = await packageOf(chosen, loadId)
      const files = outgoing.map(({ name, file, sha256 }) => ({ name, bytes: file.size, sha256 }))
      const opened = await ask<OpenedDelivery>('/api/v1/loads', { shopId: shop.id, loadId, files, manifest, replace })
      if (asked !== tries.current) return
      if (opened.alreadyLoaded) return setAttempt({ state: 'already loaded', id: opened.id })
      const received = new Set(opened.files.filter((f) => f.received).map((f) => f.name))
      const made = new DeliverySender(outgoing, { loadId: opened.id, delivery: opened.delivery, uploadUrl: opened.uploadUrl!, received, dryRun })
      current.current = made
      setAttempt({ state: 'sending', id: opened.id, sender: made })
      made.start()
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      if (asked === tries.current) setAttempt({ state: 'refused', code: error.code, message: error.message, details: error.details as RefusalDetails })
    }
  }

  const reset = useCallback(() => {
    tries.current++
    current.current?.dispose()
    current.current = null
    setAttempt(null)
  }, [])

  return { attempt, sending, begin, reset }
}

/** Everything to be sent, under the names of the manifest, with the manifest as chosen or as made from the files. */
async function packageOf({ lines, files, manifest, made }: ChosenFiles, loadId: string): Promise<{ outgoing: Outgoing[]; manifest: unknown }> {
  const outgoing = lines.map((line): Outgoing => {
    const { file, inspected } = files.find(({ name }) => name === line.files[0]!.name)!
    return { name: line.sendAs, file, sha256: inspected!.sha256 }
  })
  const manifestFile = made ? new Blob([JSON.stringify(made, null, 2), '\n'], { type: 'application/json' }) : manifest!.file
  const { sha256, content } = await inspectManifest(manifestFile, loadId)
  return { outgoing: [...outgoing, { name: MANIFEST_NAME, file: manifestFile, sha256 }], manifest: content }
}
