"""Names from many cultures, by consultation region, from which people and organisations are made up."""

from consult.reference.countries import Region
from consult.reference.stakeholders import StakeholderCategory as C

# women's names, men's names, family names
PEOPLE = {
    Region.AFRICA: (
        ["Aïssatou", "Wanjiru", "Ngozi", "Thandiwe", "Fatoumata", "Selam", "Zawadi", "Mariama", "Chipo", "Adjoa"],
        ["Kwame", "Tendai", "Mamadou", "Otieno", "Chukwuemeka", "Sipho", "Tesfaye", "Ousmane", "Baraka", "Kofi"],
        [
            "Diallo",
            "Mwangi",
            "Okafor",
            "Ndlovu",
            "Traoré",
            "Haile",
            "Mensah",
            "Achieng",
            "Banda",
            "Nkosi",
            "Sow",
            "Abebe",
        ],
    ),
    Region.ARAB_STATES: (
        ["Layla", "Nour", "Amina", "Huda", "Rania", "Salma", "Yasmin", "Maha", "Dalia", "Hanan"],
        ["Omar", "Khalid", "Youssef", "Tariq", "Samir", "Faisal", "Karim", "Ziad", "Hassan", "Bilal"],
        [
            "Haddad",
            "al-Masri",
            "Ben Salah",
            "Khoury",
            "al-Hashimi",
            "Najjar",
            "Mansour",
            "Bouazizi",
            "al-Sayed",
            "Darwish",
        ],
    ),
    Region.ASIA_PACIFIC: (
        [
            "Mei",
            "Sunita",
            "Nguyễn Thị",
            "Siti",
            "Aiko",
            "Priya",
            "Malia",
            "Aung",
            "Sana",
            "Min-ji",
            "Lakshmi",
            "Rosalinda",
        ],
        ["Wei", "Arjun", "Bayu", "Hiroshi", "Tomasi", "Ravi", "Jun", "Bikram", "Imran", "Rodel", "Sanjay", "Kyaw"],
        [
            "Li",
            "Tamang",
            "Wijaya",
            "Sato",
            "Fernando",
            "Reyes",
            "Khan",
            "Trần",
            "Sharma",
            "Kim",
            "Taufa",
            "Rahman",
            "Gurung",
        ],
    ),
    Region.EUROPE_NORTH_AMERICA: (
        ["Ingrid", "Élodie", "Katarzyna", "Sofía", "Olena", "Nino", "Hannah", "Chiara", "Şebnem", "Aoife", "Marija"],
        ["Lars", "Matteo", "Piotr", "Álvaro", "Dmytro", "Giorgi", "Thomas", "João", "Ferhat", "Seán", "Nikola"],
        [
            "Müller",
            "Łukasik",
            "García",
            "Rossi",
            "Shevchenko",
            "Beridze",
            "Johansson",
            "O’Connor",
            "Yılmaz",
            "Novák",
            "Martin",
        ],
    ),
    Region.LATIN_AMERICA_CARIBBEAN: (
        ["Ximena", "Rosa", "Marisol", "Luana", "Guadalupe", "Shanice", "Valentina", "Inês", "Nayeli", "Carmen"],
        ["Joaquín", "Thiago", "Jean-Baptiste", "Devon", "Rodrigo", "Mateo", "Wilmer", "Caio", "Emiliano", "Andrés"],
        [
            "Quispe",
            "da Silva",
            "Hernández",
            "Pierre-Louis",
            "Campbell",
            "Rojas",
            "Mamani",
            "Oliveira",
            "Martínez",
            "Ortiz",
        ],
    ),
}

COUNTRIES = {
    Region.AFRICA: ["KE", "SN", "NG", "ZA", "GH", "ET", "ML", "UG", "CM", "MW", "RW", "CI"],
    Region.ARAB_STATES: ["LB", "MA", "TN", "JO", "EG", "IQ", "SD", "KW", "BH", "DZ"],
    Region.ASIA_PACIFIC: ["NP", "PH", "ID", "BD", "IN", "LK", "TH", "JP", "FJ", "KR", "PK", "VN"],
    Region.EUROPE_NORTH_AMERICA: ["CH", "DE", "FR", "ES", "IT", "PL", "UA", "GE", "SE", "CA", "US", "TR", "PT"],
    Region.LATIN_AMERICA_CARIBBEAN: ["MX", "BR", "CO", "PE", "HT", "JM", "BO", "GT", "EC", "CL", "HN"],
}

PLACES = {
    Region.AFRICA: ["Lake Region", "Sahel", "Rift Valley", "Coastal", "Southern"],
    Region.ARAB_STATES: ["Mediterranean", "Cedar", "Gulf", "Nile", "Atlas"],
    Region.ASIA_PACIFIC: ["Himalaya", "Mekong", "Pacific Islands", "Bay of Bengal", "Archipelago"],
    Region.EUROPE_NORTH_AMERICA: ["Danube", "Alpine", "Baltic", "Great Lakes", "Black Sea"],
    Region.LATIN_AMERICA_CARIBBEAN: ["Andean", "Caribbean", "Amazon", "Central American", "Río Bravo"],
}

# what organisations of each category are called; the place goes in front
ORGANISATIONS = {
    C.MIGRANTS: ["Circle of Domestic Workers", "Seasonal Workers' Assembly"],
    C.CIVIL_SOCIETY: [
        "Centre for Migrant Rights",
        "Forum on Labour Mobility",
        "Women Crossing Borders",
        "Legal Aid Network",
    ],
    C.MIGRANT_DIASPORA: ["Diaspora Council", "Returnees' Association", "Union of Communities Abroad"],
    C.FAITH_BASED: ["Interfaith Welcome Mission", "House of Shelter"],
    C.LOCAL_AUTHORITY: ["League of Municipalities", "Cities of Arrival"],
    C.PRIVATE_SECTOR: ["Employers' Confederation", "Fair Recruitment Agencies"],
    C.TRADE_UNION: ["Confederation of Workers", "Domestic Workers' Union"],
    C.PARLIAMENT: ["Parliamentary Group on Migration"],
    C.NHRI: ["Human Rights Commission"],
    C.RED_CROSS: ["Red Crescent Branch", "Red Cross Branch"],
    C.ACADEMIA: ["Institute for Mobility Studies", "University Chair of Migration Law"],
    C.MEDIA: ["Journalists on the Move"],
    C.OTHER: ["Foundation for Open Communities"],
    C.UN_ENTITY: ["Office of a United Nations Agency"],
    C.INTERGOVERNMENTAL: ["Regional Consultative Process"],
}
