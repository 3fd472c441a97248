//! A file to try the program on.

use guest::Random;

/// Rows of the file that is used when nobody names another: two years of reports, 12.7 MB.
pub const DEMO_ROWS: usize = 230_400;

/// Parts of the stations' names.
const FIRST: [&str; 16] = [
    "Ash", "Birken", "Cold", "Dun", "Elder", "Fern", "Grey", "Hazel", "Iron", "Juniper", "Kings",
    "Lang", "Mill", "North", "Oak", "Port",
];
const SECOND: [&str; 10] =
    ["bridge", "dale", "field", "ford", "haven", "holm", "moor", "stead", "wick", "wold"];
const REGIONS: [&str; 4] = ["Highlands", "Coast", "Plain", "Isles"];

/// Days in a year of the calendar below: twelve months of thirty days.
const YEAR: u32 = 360;

/// Daily reports of 320 weather stations, station by station as archives deliver them, in a comma-separated file of about
/// 55 bytes a row; the same seed gives the same bytes.
///
/// Each station has a mean temperature, a yearly swing and a share of rainy days, all drawn from the seed; each report adds
/// noise. As in real files, names hold commas (and some quotes), values are missing (1 in 200) or not
/// numbers (1 in 500), and now and then a line is broken off (1 in 5,000) or has a stray quote (1 in 20,000).
#[must_use]
pub fn weather(rows: usize, seed: u64) -> Vec<u8> {
    let mut random = Random::new(seed);
    let stations: Vec<Station> =
        (0..320).map(|number| Station::draw(number, &mut random)).collect();
    let mut file = b"station,date,temperature_c,rain_mm,wind_m_s,observer\n".to_vec();
    let days = rows.div_ceil(stations.len()).max(1);
    for row in 0..rows {
        let day = u32::try_from(row % days).unwrap_or(u32::MAX);
        let line = stations[row / days].report(day, &mut random);
        file.extend(damaged(line, &mut random).as_bytes());
    }
    file
}

struct Station {
    /// As it stands in the file.
    name: String,
    temperature: f64,
    swing: f64,
    rainy: f64,
    wind: f64,
}

impl Station {
    fn draw(number: usize, random: &mut Random) -> Self {
        let first = FIRST[number % FIRST.len()];
        let second = SECOND[number / FIRST.len() % SECOND.len()];
        let region = REGIONS[number % REGIONS.len()];
        let name = match number {
            160.. => format!("\"{first}{second} \"\"Upper\"\", {region}\""),
            _ => format!("\"{first}{second}, {region}\""),
        };
        Self {
            name,
            temperature: 8.0 + 9.0 * random.signed(),
            swing: 4.0 + 9.0 * random.unit(),
            rainy: 0.1 + 0.4 * random.unit(),
            wind: 2.0 + 4.0 * random.unit(),
        }
    }

    fn report(&self, day: u32, random: &mut Random) -> String {
        // From 1 in midwinter to -1 in midsummer, straight: the platform's cosine might differ in a bit.
        let season = (f64::from(day % YEAR) / f64::from(YEAR / 4) - 2.0).abs() - 1.0;
        let temperature = self.temperature - self.swing * season + 3.0 * bell(random);
        // The product of two shares: many drizzles, few cloudbursts.
        let rain =
            if random.unit() < self.rainy { 60.0 * random.unit() * random.unit() } else { 0.0 };
        let wind = (self.wind * (1.0 + 0.6 * bell(random))).max(0.0);
        format!(
            "{},{}-{:02}-{:02},{},{},{},{}\n",
            self.name,
            2020 + day / YEAR,
            day / 30 % 12 + 1,
            day % 30 + 1,
            maybe(format!("{temperature:.1}"), random),
            maybe(format!("{rain:.1}"), random),
            maybe(format!("{wind:.1}"), random),
            ["auto", "manual"][random.below(8).min(1) as usize],
        )
    }
}

/// Roughly normal with deviation 1: the sum of twelve shares (a sum only: no bit depends on the platform's logarithm).
fn bell(random: &mut Random) -> f64 {
    (0..12).map(|_| random.unit()).sum::<f64>() - 6.0
}

/// A value as an observer may leave it.
fn maybe(value: String, random: &mut Random) -> String {
    match random.below(1_000) {
        0..5 => String::new(),
        5..7 => "n/a".to_owned(),
        _ => value,
    }
}

/// A line as a disk may leave it.
fn damaged(line: String, random: &mut Random) -> String {
    match random.below(20_000) {
        0..4 => line.split_at(line.rfind(',').unwrap_or(0)).0.to_owned() + "\n",
        4 => line.replacen("\",2", "\"x,2", 1),
        _ => line,
    }
}
