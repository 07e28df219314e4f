/** A group of parts: what the shop stocks, at what price in cents, and how a part number of it looks. */
export type PartGroup = { name: string; category: string; prefix: string; fromCents: number; toCents: number }

/** A piece of work: hours of labor or a flat fee, and the parts that go with it (group, quantity). */
export type Work = { name: string; tenthsOfHours: number; flatCents?: number; parts: readonly (readonly [group: number, quantity: number])[]; hazMat?: true; often: number }

const group = (name: string, category: string, prefix: string, fromCents: number, toCents: number): PartGroup => ({ name, category, prefix, fromCents, toCents })

export const partGroups: readonly PartGroup[] = [
  group('Full synthetic oil, quart', 'Fluids', 'OIL', 699, 1199), group('Oil filter', 'Filters', 'PH', 649, 1899),
  group('Engine air filter', 'Filters', 'CA', 1499, 3899), group('Cabin air filter', 'Filters', 'CF', 1699, 4299),
  group('Brake pad set, ceramic', 'Brakes', 'BC', 4495, 11995), group('Brake rotor', 'Brakes', 'BR', 5295, 14995),
  group('Brake fluid, pint', 'Fluids', 'BF', 799, 1499), group('AGM battery', 'Electrical', 'BAT', 17995, 31995),
  group('Alternator, remanufactured', 'Electrical', 'ALT', 22995, 54995), group('Spark plug, iridium', 'Ignition', 'SP', 999, 2199),
  group('Ignition coil', 'Ignition', 'UF', 4595, 12995), group('Serpentine belt', 'Belts & hoses', 'K06', 2895, 6995),
  group('Coolant, gallon', 'Fluids', 'AF', 1895, 3295), group('Thermostat', 'Cooling', 'TH', 1995, 6495),
  group('Water pump', 'Cooling', 'WP', 7995, 24995), group('Strut assembly', 'Suspension', 'STR', 12995, 32995),
  group('Sway bar link', 'Suspension', 'SL', 2495, 6995), group('Outer tie rod end', 'Steering', 'ES', 3495, 8995),
  group('Wheel hub and bearing', 'Drivetrain', 'HUB', 9995, 28995), group('Wiper blade, 24 in', 'Wipers', 'WB', 1299, 3299),
  group('All-season tire', 'Tires', 'TIR', 11995, 26995), group('Oxygen sensor', 'Emissions', 'O2', 5995, 18995),
  group('A/C refrigerant, pound', 'A/C', 'R134', 2995, 5995), group('Bulb, low beam', 'Lighting', 'H11', 1299, 3999),
]

export const brands = ['Keystone', 'Norwell', 'Tri-Peak', 'Alderway', 'Duraline', 'Brightwater', 'OEM'] as const

export const works: readonly Work[] = [
  { name: 'Oil and filter service', tenthsOfHours: 5, parts: [[0, 5], [1, 1]], hazMat: true, often: 24 },
  { name: 'Massachusetts state inspection', tenthsOfHours: 0, flatCents: 3500, parts: [], often: 12 },
  { name: 'Front brake service', tenthsOfHours: 18, parts: [[4, 1], [5, 2]], often: 9 },
  { name: 'Rear brake service', tenthsOfHours: 20, parts: [[4, 1], [5, 2], [6, 1]], often: 6 },
  { name: 'Battery replacement', tenthsOfHours: 4, parts: [[7, 1]], hazMat: true, often: 5 },
  { name: 'Alternator replacement', tenthsOfHours: 16, parts: [[8, 1], [11, 1]], often: 2 },
  { name: 'Tune-up', tenthsOfHours: 14, parts: [[9, 4], [2, 1]], often: 4 },
  { name: 'Ignition coil replacement', tenthsOfHours: 7, parts: [[10, 1]], often: 3 },
  { name: 'Coolant flush', tenthsOfHours: 10, parts: [[12, 2]], hazMat: true, often: 4 },
  { name: 'Water pump and thermostat', tenthsOfHours: 32, parts: [[14, 1], [13, 1], [12, 2]], hazMat: true, often: 2 },
  { name: 'Front strut replacement', tenthsOfHours: 28, parts: [[15, 2], [16, 2]], often: 2 },
  { name: 'Tie rod end replacement', tenthsOfHours: 10, parts: [[17, 1]], often: 2 },
  { name: 'Wheel bearing replacement', tenthsOfHours: 15, parts: [[18, 1]], often: 3 },
  { name: 'Four-wheel alignment', tenthsOfHours: 0, flatCents: 12995, parts: [], often: 4 },
  { name: 'Wiper blades', tenthsOfHours: 2, parts: [[19, 2]], often: 5 },
  { name: 'Mount and balance four tires', tenthsOfHours: 12, parts: [[20, 4]], hazMat: true, often: 5 },
  { name: 'Tire rotation', tenthsOfHours: 5, parts: [], often: 6 },
  { name: 'Check engine light diagnosis', tenthsOfHours: 10, parts: [], often: 7 },
  { name: 'Oxygen sensor replacement', tenthsOfHours: 9, parts: [[21, 1]], often: 3 },
  { name: 'A/C recharge', tenthsOfHours: 13, parts: [[22, 2]], often: 3 },
  { name: 'Headlight bulb replacement', tenthsOfHours: 4, parts: [[23, 2]], often: 3 },
  { name: 'Cabin air filter', tenthsOfHours: 3, parts: [[3, 1]], often: 5 },
]

export const suppliers = [
  'Alderway Auto Parts', 'Brightwater Battery & Electric', 'Commonwealth Brake Supply', 'Duraline Distributing', 'Eastfield Tire Wholesale', 'Fairhaven Filters',
  'Granite State Exhaust', 'Hampshire Paint & Body', 'Ironworks Drivetrain', 'Juniper Lubricants', 'Keystone Warehouse, Inc.', 'Lakeside Glass', 'Mohawk Trail Motors (dealer)',
  'Norwell Ignition', 'Oakdale Tool & Equipment', 'Pinecrest Radiator', 'Quincy Import Parts', 'Riverside Salvage', 'Springfield Bearing Co.', 'Tri-Peak Suspension',
  'Uptown Uniforms', 'Valley Welding Gases', 'Westover Wiper & Lighting', 'Yankee Fastener',
] as const
