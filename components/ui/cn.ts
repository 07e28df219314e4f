import { clsx, type ClassValue } from 'clsx'
import { extendTailwindMerge } from 'tailwind-merge'

const merge = extendTailwindMerge({ extend: { classGroups: { 'font-size': [{ text: ['2xs', '13'] }] } } })

/** Class names put together; a later one replaces an earlier one of its kind. */
export function cn(...classes: ClassValue[]): string {
  return merge(clsx(classes))
}
