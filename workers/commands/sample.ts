import { UserError } from '#lib/errors.ts'
import { writeBundledSample } from '#lib/sample/bundled.ts'
import { writeSample } from '#lib/sample/generator.ts'
import { command, fromHere } from '../command.ts'

function share(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const value = Number(text)
  if (!(value >= 0 && value <= 1)) throw new UserError('invalid_input', `--${name} takes a share from 0 to 1, not ${JSON.stringify(text)}.`)
  return value
}

function count(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new UserError('invalid_input', `--${name} takes a whole number above 0, not ${JSON.stringify(text)}.`)
  return Number(text)
}

function keyForm(text: string | undefined): 'plain' | 'uuid' | undefined {
  if (text === undefined || text === 'plain' || text === 'uuid') return text
  throw new UserError('invalid_input', `--keys takes plain or uuid, not ${JSON.stringify(text)}.`)
}

/** Without those that were not given, so that the defaults stay. */
const given = <T extends object>(options: T): T =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as T

export default command({
  summary: 'writes the files of a made-up shop, to try things with',
  usage: '<folder> [options]',
  options: {
    invoices: { type: 'string', value: 'N', help: 'how many repair orders (300); about 4.2 line items for each' },
    seed: { type: 'string', value: 'N', help: 'the same seed gives the same files (1)' },
    keys: { type: 'string', value: 'FORM', help: 'plain (RO-20001) or uuid' },
    dirty: { type: 'string', value: 'SHARE', help: 'the share of rows that get a defect, from 0 to 1' },
    changed: { type: 'string', value: 'SHARE', help: 'the share of rows with another cell than without this: a later delivery' },
    partner: { type: 'string', value: 'P', help: 'the partner in the path' },
    shop: { type: 'string', value: 'S', help: 'the shop in the path' },
    'load-id': { type: 'string', value: 'ID', help: 'the load id in the path and the manifest' },
    bundled: { type: 'boolean', help: 'the sample of the demo, with one defect of every kind and expected.json' },
  },
  positionals: { min: 1, max: 1 },
  async run({ positionals: [folder], values }) {
    const root = fromHere(folder!)
    if (values.bundled) {
      console.log(writeBundledSample(root).folder)
      return 0
    }
    const sample = await writeSample(root, given({
      invoices: count('invoices', values.invoices) ?? 300, seed: count('seed', values.seed), keys: keyForm(values.keys),
      dirty: share('dirty', values.dirty), changed: share('changed', values.changed),
      partner: values.partner, shop: values.shop, loadId: values['load-id'],
    }))
    for (const [entity, { rows, rejected }] of Object.entries(sample.expected)) console.error(`${entity}: ${rows} rows, ${rejected} of them to be rejected`)
    console.log(sample.folder)
    return 0
  },
})
