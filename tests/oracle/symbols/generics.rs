//! Generic code and closures, for the comparison with binutils.

use std::collections::{BTreeMap, HashMap};

pub trait Weight {
    fn weight(&self) -> usize;
}

impl Weight for String {
    fn weight(&self) -> usize {
        self.chars().filter(|c| c.is_alphanumeric()).count()
    }
}

impl<T: Weight> Weight for Vec<T> {
    fn weight(&self) -> usize {
        self.iter().map(Weight::weight).sum()
    }
}

fn grouped(words: &[String]) -> BTreeMap<usize, Vec<String>> {
    let mut groups: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    for word in words {
        groups.entry(word.weight()).or_default().push(word.to_uppercase());
    }
    groups
}

#[no_mangle]
pub extern "C" fn generics_count(number: usize) -> usize {
    let words: Vec<String> = (0..number).map(|index| format!("word {index}")).collect();
    let mut seen: HashMap<String, usize> = HashMap::new();
    for word in &words {
        *seen.entry(word.clone()).or_insert(0) += word.weight();
    }
    let leaked: &'static mut Vec<String> = Box::leak(Box::new(words.clone()));
    leaked.sort_by(|one, two| two.cmp(one));
    seen.values().sum::<usize>() + grouped(&words).values().map(Weight::weight).sum::<usize>() + leaked.weight()
}
