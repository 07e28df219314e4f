'use client'

import { useRouter } from 'next/navigation'
import { useEffect, useEffectEvent, useState } from 'react'
import { Alert } from '#components/ui/alert.tsx'
import {
  AlertDialog, AlertDialogAction, AlertDialogCancel, AlertDialogContent, AlertDialogDescription, AlertDialogFooter, AlertDialogTitle,
} from '#components/ui/alert-dialog.tsx'
import { Button } from '#components/ui/button.tsx'
import { FilesStep } from './files-step.tsx'
import { ReviewStep } from './review-step.tsx'
import { ShopStep } from './shop-step.tsx'
import { CameFromStep } from './step-heading.tsx'
import { StepsNav } from './steps-nav.tsx'
import type { Corrected, FoundShops, Shop, Unfinished } from './types.ts'
import { UnfinishedUploads } from './unfinished-uploads.tsx'
import { UploadStep } from './upload-step.tsx'
import { useChosenFiles } from './use-chosen-files.ts'
import { useLeaveGuard } from './use-leave-guard.ts'
import { useLoadIdUse, useProposedLoadId } from './use-load-id.ts'
import { useSending } from './use-sending.ts'
import { useSteps } from './use-steps.ts'

const SHOP = 0, FILES = 1, REVIEW = 2, UPLOAD = 3

type Props = {
  recent: readonly Shop[]
  /** The shops offered before anything is typed. */
  found: FoundShops
  unfinished: readonly Unfinished[]
  /** The unfinished upload to go on with. */
  resume: Unfinished | null
  /** The shop whose page the person came from. */
  shop: Shop | null
  /** The load id under which files are sent once more. */
  again: string | null
  /** The load whose rejected rows the person has corrected. */
  corrected: Corrected | null
  mayCreateShop: boolean
}

/** The upload of a load in four steps. */
export function UploadWizard({ recent, found, unfinished, resume, shop: given, again, corrected, mayCreateShop }: Props) {
  const router = useRouter()
  const steps = useSteps(resume ? FILES : SHOP)
  const [shop, setShop] = useState<Shop | null>(resume?.shop ?? given)
  const [{ loadId, typed }, setChosenId] = useState({ loadId: resume?.loadId ?? again ?? '', typed: resume !== null || again !== null })
  const use = useLoadIdUse(shop, loadId)
  const chosen = useChosenFiles(loadId)
  const [dryRun, setDryRun] = useState(false)
  const { attempt, sending, begin, reset } = useSending(shop, loadId, chosen)
  // Judged when it arrives: a proposal that was under way must not take the place of what was typed meanwhile.
  useProposedLoadId(shop, !typed, (proposed) => setChosenId((chosen) => (chosen.typed ? chosen : { loadId: proposed, typed: false })))

  const chooseLoadId = (id: string) => setChosenId({ loadId: id, typed: true })
  const goTo = (target: number) => {
    reset()
    steps.go(target)
  }
  const send = (asDryRun: boolean, replace: boolean) => {
    steps.go(UPLOAD)
    setDryRun(asDryRun)
    void begin({ dryRun: asDryRun, replace })
  }

  const done = sending.phase === 'done' && attempt?.state === 'sending' ? attempt.id : null
  const open = useEffectEvent((id: string) => router.push(`/loads/${id}`))
  useEffect(() => {
    if (done) open(done)
  }, [done])

  const underWay = attempt?.state === 'sending' && !done
  // Who has gone back does not want what was asked for, and begins anew when coming to the end again.
  const givenUp = attempt !== null && !underWay && !done && steps.step !== UPLOAD
  useEffect(() => {
    if (givenUp) reset()
  }, [givenUp, reset])
  const { leavingTo, stay } = useLeaveGuard(underWay)
  // Back in the browser has changed the address by now; the upload goes on until the person has answered.
  const goingBack = underWay && steps.step !== UPLOAD
  const step = underWay ? UPLOAD : steps.step === UPLOAD && !attempt ? REVIEW : steps.step
  const stayHere = () => {
    stay()
    if (goingBack) steps.go(UPLOAD)
  }
  const leave = () => {
    stay()
    reset()
    if (leavingTo) router.push(leavingTo)
  }
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-6">
      <CameFromStep value={steps.moved}>
        <StepsNav current={step} mayGoBack={!underWay && !done} onGo={goTo} />
        {step === SHOP ? (
          <>
            {corrected ? (
              <Alert title={`Corrected rows of ${corrected.loadId}`}>They are sent to the same shop, as a load with an id of its own. The files are chosen in the next step.</Alert>
            ) : null}
            <UnfinishedUploads uploads={unfinished} />
            <ShopStep
              recent={recent} found={found} shop={shop} loadId={loadId} isProposal={!typed} use={use} mayCreate={mayCreateShop}
              onShop={(other) => { setShop(other); steps.keepTo(SHOP) }} onLoadId={(id) => { chooseLoadId(id); steps.keepTo(SHOP) }} onDone={() => steps.go(FILES)}
            />
          </>
        ) : null}
        {step === FILES ? (
          <>
            {resume ? (
              <Alert title={`Going on with ${resume.loadId} of ${resume.shop.name}`}>
                {resume.received} of {resume.files} files have arrived. Choose the same files again: what has arrived is recognised and not sent twice.
              </Alert>
            ) : null}
            <FilesStep chosen={chosen} corrected={corrected} loadId={loadId} onUseLoadId={resume ? null : chooseLoadId} onBack={() => steps.go(SHOP)} onDone={() => steps.go(REVIEW)} />
          </>
        ) : null}
        {step === REVIEW && shop ? <ReviewStep shop={shop} loadId={loadId} use={use} chosen={chosen} onBack={() => steps.go(FILES)} onDone={(asDryRun) => send(asDryRun, false)} /> : null}
        {step === UPLOAD && attempt ? <UploadStep attempt={attempt} sending={sending} dryRun={dryRun} onReplace={() => send(dryRun, true)} onAgain={() => send(dryRun, false)} onBack={goTo} /> : null}
      </CameFromStep>
      <AlertDialog open={leavingTo !== null || goingBack}>
        <AlertDialogContent onEscapeKeyDown={stayHere}>
          <AlertDialogTitle>Leave while files are being sent?</AlertDialogTitle>
          <AlertDialogDescription>
            The upload stops. What has arrived is kept for seven days; to go on, open the upload again and choose the same files.
          </AlertDialogDescription>
          <AlertDialogFooter>
            <AlertDialogCancel asChild><Button onClick={stayHere}>Stay here</Button></AlertDialogCancel>
            <AlertDialogAction asChild><Button variant="danger" onClick={leave}>Stop the upload and {goingBack ? 'go back' : 'leave'}</Button></AlertDialogAction>
          </AlertDialogFooter>
        </AlertDialogContent>
      </AlertDialog>
    </div>
  )
}
