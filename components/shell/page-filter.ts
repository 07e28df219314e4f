/** Marks the field, or the group of fields, by which a page's list is narrowed. The key `/` goes there. */
export const pageFilterMark = { 'data-page-filter': '', 'aria-keyshortcuts': '/' } as const

/** The first field of the page that narrows its list; null where there is none. */
export function pageFilter(): HTMLElement | null {
  return document.querySelector<HTMLElement>('main input[data-page-filter], main [data-page-filter] :is(button, input)')
}

/** Puts the cursor there, with what stands in it selected, so that typing replaces it. */
export function focusFilter(field: HTMLElement): void {
  field.focus()
  if (field instanceof HTMLInputElement) field.select()
}
