/** Names of made-up people and firms, and the towns around a made-up shop in western Massachusetts. */
export const firstNames = [
  'Aaron', 'Abigail', 'Aisha', 'Alejandro', 'Alice', 'Amanda', 'Amir', 'Andrea', 'Anthony', 'Beatriz', 'Benjamin', 'Brenda', 'Brian', 'Camila', 'Carlos', 'Carol',
  'Chloé', 'Christopher', 'Cynthia', 'Daniel', 'David', 'Deborah', 'Denise', 'Diego', 'Donna', 'Dorothy', 'Edward', 'Elena', 'Emily', 'Eric', 'Ethan', 'Fatima',
  'Frank', 'Gabriela', 'George', 'Grace', 'Gregory', 'Hannah', 'Harold', 'Helen', 'Henry', 'Ivan', 'Jack', 'Jacob', 'Jamal', 'James', 'Janet', 'Jasmine', 'Jennifer',
  'Jesús', 'Joan', 'John', 'José', 'Joyce', 'Julia', 'Karen', 'Keisha', 'Kenneth', 'Kevin', 'Laura', 'Lauren', 'Linh', 'Linda', 'Luis', 'María', 'Mark', 'Martha',
  'Matthew', 'Mei', 'Michael', 'Michelle', 'Mohammed', 'Nancy', 'Natalie', 'Nicole', 'Noah', 'Olivia', 'Omar', 'Patricia', 'Paul', 'Peter', 'Priya', 'Rachel',
  'Raymond', 'Rebecca', 'Renée', 'Richard', 'Robert', 'Roger', 'Rosa', 'Ruth', 'Ryan', 'Samantha', 'Samuel', 'Sandra', 'Sarah', 'Scott', 'Sean', 'Sofia', 'Stephanie',
  'Steven', 'Susan', 'Tamika', 'Teresa', 'Thomas', 'Tyler', 'Valerie', 'Victor', 'Vincent', 'Wei', 'William', 'Yolanda', 'Zachary', 'Zoë',
] as const

export const lastNames = [
  'Adams', 'Allen', 'Álvarez', 'Anderson', 'Bailey', 'Baker', 'Barnes', 'Beaulieu', 'Bell', 'Bennett', 'Bianchi', 'Brooks', 'Brown', 'Bryant', 'Butler', 'Campbell',
  'Carter', 'Castillo', 'Chan', 'Clark', 'Coleman', 'Collins', 'Cook', 'Cooper', 'Cruz', "D'Angelo", 'Davis', 'de la Cruz', 'Diaz', 'Dubois', 'Edwards', 'Evans',
  'Fitzgerald', 'Flores', 'Foster', 'Fournier', 'García', 'Gonzalez', 'Gray', 'Green', 'Griffin', 'Hall', 'Harris', 'Henderson', 'Hernández', 'Hill', 'Howard', 'Hughes',
  'Jackson', 'James', 'Jenkins', 'Jiménez', 'Johnson', 'Jones', 'Kelly', 'Kim', 'King', 'Kowalski', 'Lapointe', 'Lee', 'Lewis', 'Long', 'López', 'MacDonald', 'Martin',
  'Martínez', 'McCarthy', 'Mitchell', 'Moore', 'Morales', 'Morgan', 'Morris', 'Murphy', 'Murray', 'Myers', 'Nelson', 'Nguyễn', 'Nowak', "O'Brien", "O'Connor", 'Ortiz',
  'Parker', 'Patel', 'Perry', 'Peterson', 'Phillips', 'Powell', 'Price', 'Ramirez', 'Reed', 'Reyes', 'Richardson', 'Rivera', 'Roberts', 'Robinson', 'Rodríguez', 'Rogers',
  'Ross', 'Roy', 'Russell', 'Ryan', 'Sanchez', 'Sanders', 'Santos', 'Scott', 'Silva', 'Simmons', 'Singh', 'Smith', 'St. Pierre', 'Stewart', 'Sullivan', 'Taylor', 'Thomas',
  'Thompson', 'Torres', 'Tremblay', 'Turner', 'Walker', 'Ward', 'Washington', 'Watson', 'White', 'Williams', 'Wilson', 'Wood', 'Wright', 'Wu', 'Young', 'Zieliński',
] as const

export const firms = [
  'Pioneer Valley Plumbing & Heating', 'Hilltown Landscaping, LLC', 'Connecticut River Couriers', 'Quabbin Electric Co.', 'Mill River Bakery', 'Holyoke Range Roofing',
  'Tri-Town Taxi, Inc.', 'Oxbow Orchards', 'Bay State Fire & Alarm', 'Coolidge Bridge Movers', 'Sugarloaf Farms', 'Manhan Rail Trail Tours', '"Little Red" Daycare',
] as const

export const streets = [
  'Main St', 'Pleasant St', 'Elm St', 'Bridge St', 'Maple Ave', 'Chestnut St', 'North Rd', 'Mill River Rd', 'South St', 'Prospect St', 'Union St', 'Park Hill Rd',
  'River Dr', 'College Hwy', 'Florence Rd', 'Old Ferry Ln', 'Orchard Ct', 'Hawthorne Ter', 'Round Hill Rd', 'Crescent St', 'Kingsley Ave', 'Sylvester Rd',
] as const

export const towns = [
  ['Northampton', '01060'], ['Florence', '01062'], ['Easthampton', '01027'], ['Amherst', '01002'], ['Hadley', '01035'], ['Hatfield', '01038'], ['Holyoke', '01040'],
  ['South Hadley', '01075'], ['Westhampton', '01027'], ['Williamsburg', '01096'], ['Haydenville', '01039'], ['Belchertown', '01007'], ['Granby', '01033'], ['Leeds', '01053'],
] as const

export const areaCodes = ['413', '413', '413', '413', '978', '617', '860', '802'] as const
export const mailHosts = ['example.com', 'example.net', 'example.org'] as const
export const writers = [['SW-1', 'Renee Castillo'], ['SW-2', 'Bill Hanson']] as const
export const technicians = [['T-11', 'Jorge Medina'], ['T-12', 'Kyle Brandt'], ['T-14', 'Shauna Price'], ['T-15', 'Dmitri Volkov']] as const
