'use client'

import { FolderOpen, Upload } from 'lucide-react'
import { useRef } from 'react'
import { useDropzone, type DropzoneState } from 'react-dropzone'
import { Button } from '#components/ui/button.tsx'
import { cn } from '#components/ui/cn.ts'
import type { Found } from '#lib/upload/recognise.ts'

type DropZoneState = Pick<DropzoneState, 'getRootProps' | 'getInputProps' | 'open' | 'isDragActive' | 'isProcessing'> & { add: (files: readonly (File & { path?: string })[]) => void }

/** What a drop zone does; `isProcessing` from the moment something is dropped or chosen until its files are known, which takes a while for a folder. */
export function useFilesDropped(onAdd: (found: Found<File>[]) => void): DropZoneState {
  const add: DropZoneState['add'] = (files) => {
    if (files.length > 0) onAdd(files.map((file) => ({ name: file.name, path: pathOf(file), file })))
  }
  const { getRootProps, getInputProps, open, isDragActive, isProcessing } = useDropzone({ onDrop: add, noClick: true, noKeyboard: true, multiple: true })
  return { getRootProps, getInputProps, open, isDragActive, isProcessing, add }
}

type Props = { /** Takes less room once there are files. */ small: boolean; dropped: DropZoneState }

/** Where files or a whole folder are dropped, or chosen with the keyboard. */
export function DropZone({ small, dropped: { getRootProps, getInputProps, open, isDragActive, isProcessing, add } }: Props) {
  const folder = useRef<HTMLInputElement>(null)
  return (
    <div
      {...getRootProps({ role: 'group', 'aria-label': 'Add files', tabIndex: undefined })}
      id="add-files"
      className={cn('grid justify-items-center gap-3 rounded-lg border border-dashed border-input bg-surface px-4 text-center', small ? 'py-4' : 'py-8', isDragActive && 'border-info bg-info-subtle')}
    >
      {small ? null : <Upload aria-hidden className="size-6 text-muted-foreground" />}
      <div>
        <p className="text-13 font-medium">{isDragActive ? 'Drop to add' : isProcessing ? 'Looking through the folder…' : 'Drop the folder of the load here, or its files'}</p>
        <p className="mt-0.5 text-xs text-muted-foreground">Seven CSV files and manifest.json, up to 10 GiB each. Nothing is sent yet.</p>
      </div>
      <div className="flex flex-wrap justify-center gap-2">
        <Button onClick={open}>Choose files</Button>
        <Button onClick={() => folder.current?.click()}><FolderOpen aria-hidden />Choose a folder</Button>
      </div>
      {/* The buttons above open these. */}
      <div hidden>
        <input {...getInputProps({ 'aria-label': 'Files of the load' })} />
        <input
          ref={folder} type="file" multiple aria-label="Folder of the load"
          {...{ webkitdirectory: '' }}
          onChange={(event) => {
            add([...(event.target.files ?? [])])
            event.target.value = ''
          }}
        />
      </div>
    </div>
  )
}

function pathOf(file: File & { path?: string }): string {
  return (file.webkitRelativePath || file.path || file.name).replace(/^\.?\//, '')
}
