/** A model as American shops see it; `maker` is what its VIN begins with. */
export type Car = { maker: string; make: string; model: string; from: number; to: number; engine: string; fuel: string; body: string }

const car = (maker: string, make: string, model: string, from: number, to: number, engine: string, body: string, fuel = 'Gasoline'): Car =>
  ({ maker, make, model, from, to, engine, fuel, body })

export const cars: readonly Car[] = [
  car('1FT', 'Ford', 'F-150', 1997, 2025, '5.0L V8', 'Pickup'), car('1FM', 'Ford', 'Explorer', 1998, 2025, '2.3L L4 Turbo', 'SUV'),
  car('1FM', 'Ford', 'Escape', 2001, 2025, '1.5L L3 Turbo', 'SUV'), car('1FA', 'Ford', 'Focus', 2000, 2018, '2.0L L4', 'Sedan'),
  car('3FA', 'Ford', 'Fusion', 2006, 2020, '2.5L L4', 'Sedan'), car('1FT', 'Ford', 'Transit-250', 2015, 2025, '3.5L V6', 'Van'),
  car('1GC', 'Chevrolet', 'Silverado 1500', 1999, 2025, '5.3L V8', 'Pickup'), car('1GN', 'Chevrolet', 'Tahoe', 1998, 2025, '5.3L V8', 'SUV'),
  car('2GN', 'Chevrolet', 'Equinox', 2005, 2025, '1.5L L4 Turbo', 'SUV'), car('1G1', 'Chevrolet', 'Malibu', 1998, 2025, '1.5L L4 Turbo', 'Sedan'),
  car('1G1', 'Chevrolet', 'Bolt EV', 2017, 2023, 'Electric motor', 'Hatchback', 'Electric'), car('1GT', 'GMC', 'Sierra 1500', 1999, 2025, '5.3L V8', 'Pickup'),
  car('1C4', 'Jeep', 'Grand Cherokee', 1999, 2025, '3.6L V6', 'SUV'), car('1C4', 'Jeep', 'Wrangler', 1997, 2025, '3.6L V6', 'SUV'),
  car('1C6', 'Ram', '1500', 2011, 2025, '5.7L V8', 'Pickup'), car('2C4', 'Chrysler', 'Town & Country', 1998, 2016, '3.6L V6', 'Minivan'),
  car('4T1', 'Toyota', 'Camry', 1998, 2025, '2.5L L4', 'Sedan'), car('2T1', 'Toyota', 'Corolla', 1998, 2025, '1.8L L4', 'Sedan'),
  car('2T3', 'Toyota', 'RAV4', 2001, 2025, '2.5L L4', 'SUV'), car('JTD', 'Toyota', 'Prius', 2001, 2025, '1.8L L4 Hybrid', 'Hatchback', 'Hybrid'),
  car('5TF', 'Toyota', 'Tundra', 2000, 2025, '5.7L V8', 'Pickup'), car('3TM', 'Toyota', 'Tacoma', 1998, 2025, '3.5L V6', 'Pickup'),
  car('1HG', 'Honda', 'Accord', 1998, 2025, '1.5L L4 Turbo', 'Sedan'), car('2HG', 'Honda', 'Civic', 1998, 2025, '2.0L L4', 'Sedan'),
  car('7FA', 'Honda', 'CR-V', 1998, 2025, '1.5L L4 Turbo', 'SUV'), car('5FN', 'Honda', 'Odyssey', 1999, 2025, '3.5L V6', 'Minivan'),
  car('1N4', 'Nissan', 'Altima', 1998, 2025, '2.5L L4', 'Sedan'), car('5N1', 'Nissan', 'Rogue', 2008, 2025, '2.5L L4', 'SUV'),
  car('4S4', 'Subaru', 'Outback', 1998, 2025, '2.5L H4', 'Wagon'), car('JF2', 'Subaru', 'Forester', 1998, 2025, '2.5L H4', 'SUV'),
  car('5NP', 'Hyundai', 'Elantra', 1999, 2025, '2.0L L4', 'Sedan'), car('KM8', 'Hyundai', 'Tucson', 2005, 2025, '2.5L L4', 'SUV'),
  car('5XX', 'Kia', 'Optima', 2001, 2020, '2.4L L4', 'Sedan'), car('KND', 'Kia', 'Sorento', 2003, 2025, '2.5L L4', 'SUV'),
  car('3VW', 'Volkswagen', 'Jetta', 1999, 2025, '1.4L L4 Turbo', 'Sedan'), car('WBA', 'BMW', '328i', 1999, 2016, '2.0L L4 Turbo', 'Sedan'),
  car('JM1', 'Mazda', 'Mazda3', 2004, 2025, '2.5L L4', 'Sedan'), car('YV4', 'Volvo', 'XC60', 2010, 2025, '2.0L L4 Turbo', 'SUV'),
  car('5YJ', 'Tesla', 'Model 3', 2018, 2025, 'Electric motor', 'Sedan', 'Electric'),
]
