use super::*;
use crate::name::{Name, NameBuf};
use crate::time::Instant;
use crate::wire::Type;
use std::string::{String, ToString};
use std::vec::Vec;

const NOW: Instant = Instant::from_millis(7);

fn put(cache: &mut Cache<'_>, text: &str) -> NameAt {
    cache.put_name(&text.parse::<NameBuf>().unwrap().name(), 0).unwrap()
}

fn insert(cache: &mut Cache<'_>, name: NameAt, data: &[u8]) -> Result<(), CacheFull> {
    cache.insert_entry(&mut Entry::new(name, Type::TXT, 120, NOW), data.iter().copied(), 0)
}

fn names(cache: &Cache<'_>) -> Vec<String> {
    let behind = |&at: &NameAt| Some(cache.name_behind(at));
    let all = core::iter::successors(Some(cache.first_name()), behind).take_while(|&at| cache.is_name(at));
    all.map(|at| cache.name(at).to_string()).collect()
}

fn questions(cache: &Cache<'_>) -> Vec<Question> {
    let mut question = cache.before_questions();
    core::iter::from_fn(|| cache.step_question(&mut question).then_some(question)).collect()
}

fn data(cache: &Cache<'_>) -> Vec<Vec<u8>> {
    cache.entries().map(|entry| cache.data(&entry).to_vec()).collect()
}

#[test]
fn a_name_is_stored_once_with_its_endings() {
    let mut octets = [0; 200];
    let mut cache = Cache::new(&mut octets);
    let cam = put(&mut cache, r"Kitchen\032Cam._http._tcp.local");
    let used = 194 - cache.free();
    assert_eq!(
        names(&cache),
        ["local", "_tcp.local", "_http._tcp.local", r"Kitchen\032Cam._http._tcp.local"]
    );
    assert_eq!(put(&mut cache, r"KITCHEN\032cam._http._tcp.local"), cam);
    assert_eq!(194 - cache.free(), used);
    put(&mut cache, "cam.local");
    // Id and marks, a label of three octets, and a pointer.
    assert_eq!(194 - cache.free(), used + 6 + 4 + 2);
    let id = cache.id(cam);
    assert_eq!(cache.named(id), Some(cam));
    let root = cache.put_name(&Name::ROOT, 0).unwrap();
    assert!(cache.name(root).is_root());
    let behind = put(&mut cache, "behind.local");
    assert_eq!(cache.name(behind).to_string(), "behind.local");
    assert_eq!(cache.find_name(&Name::ROOT), Some(root));
}

#[test]
fn a_name_ends_where_it_ends_though_another_one_stood_there() {
    let mut octets = [0; 100];
    let mut cache = Cache::new(&mut octets);
    put(&mut cache, "printer");
    cache.sweep(Marks::NONE);
    put(&mut cache, "cam");
    put(&mut cache, "dam");
    assert_eq!(names(&cache), ["cam", "dam"]);
}

#[test]
fn the_front_of_a_long_name_stands_in_a_piece() {
    let mut octets = [0; 300];
    let mut cache = Cache::new(&mut octets);
    let free = cache.free();
    let reverse = "1.2.3.4.5.6.7.8.9.d.ip6.arpa";
    let at = put(&mut cache, reverse);
    // Three endings, and behind them a name of nine labels.
    assert_eq!(free - cache.free(), (6 + 5 + 1) + (6 + 4 + 2) + (6 + 2 + 2) + 2 + (6 + 18 + 2));
    assert_eq!(names(&cache), ["arpa", "ip6.arpa", "d.ip6.arpa", reverse]);
    assert_eq!(put(&mut cache, reverse), at);
    let other = put(&mut cache, "b.2.3.4.5.6.7.8.9.d.ip6.arpa");
    let ids = [at, other].map(|at| cache.id(at));
    let mut entry = Entry { target: at, ..Entry::new(other, Type::PTR, 120, NOW) };
    cache.insert_entry(&mut entry, core::iter::empty(), 0).unwrap();
    put(&mut cache, "_printer._sub._http._tcp.local");
    cache.sweep(Marks::NONE);
    assert_eq!(names(&cache).len(), 5);
    assert_eq!(ids.map(|id| cache.name(cache.named(id).unwrap()).labels().count()), [12; 2]);
}

#[test]
fn records_and_questions_keep_every_field() {
    let mut octets = [0; 200];
    let mut cache = Cache::new(&mut octets);
    let (service, cam) = (put(&mut cache, "_http._tcp.local"), put(&mut cache, "cam.local"));
    let mut entry = Entry {
        ttl_secs: 0x12_3456,
        flags: EntryFlags::default(),
        stage: 5,
        spread: 20,
        doubted: 77,
        told: 0x0D0E_0F10,
        expires: Instant::from_millis(0x0506_0708),
        target: cam,
        ..Entry::new(service, Type::SRV, 1, NOW)
    };
    entry.flags.set(EntryFlags::UNIQUE, true);
    cache.insert_entry(&mut entry, [0, 1, 0, 2, 0, 80].into_iter(), 0).unwrap();
    let mut question = Question {
        asked: 9,
        is_first: true,
        state: 2,
        last: NOW.after(3),
        ..Question::new(cam, Type::AAAA, NOW)
    };
    cache.insert_question(&mut question, 0).unwrap();
    insert(&mut cache, cam, b"x").unwrap();

    let stored = cache.entries().next().unwrap();
    assert_eq!(stored, Entry { at: stored.at, next: stored.next, ..entry });
    assert_eq!(stored.target(), Some(cam));
    assert_eq!(cache.numbered(stored.number()), Some(stored));
    assert_eq!(cache.data(&stored).get(..6), Some([0, 1, 0, 2, 0, 80].as_slice()));
    let asked = questions(&cache)[0];
    (question.at, question.next) = (asked.at, asked.next);
    assert_eq!(asked, question);
    question.due = NOW.after(1_000);
    cache.set_question(&question);
    assert_eq!(questions(&cache), [question]);
    assert_eq!(cache.entries().count(), 2);
    assert_eq!(data(&cache)[1], b"x");
}

#[test]
fn removing_closes_the_gap() {
    let mut octets = [0; 200];
    let mut cache = Cache::new(&mut octets);
    let name = put(&mut cache, "a");
    for data in [b"one".as_slice(), b"", b"three"] {
        insert(&mut cache, name, data).unwrap();
    }
    let (free, version) = (cache.free(), cache.version());
    let mut entry = cache.before_entries();
    assert!(cache.step(&mut entry) && cache.step(&mut entry));
    cache.remove(&mut entry);
    assert!(cache.step(&mut entry));
    assert_eq!(cache.data(&entry), b"three", "it stands there now");
    assert!(!cache.step(&mut entry));
    assert_eq!(data(&cache), [b"one".as_slice(), b"three"]);
    assert_eq!(cache.free(), free + Entry::FIXED);
    assert_ne!(cache.version(), version);
    let mut entry = cache.before_entries();
    while cache.step(&mut entry) {
        cache.remove(&mut entry);
    }
    assert_eq!(cache.entries().next(), None);
}

#[test]
fn a_sweep_keeps_what_is_referred_to_or_marked() {
    let mut octets = [0; 300];
    let mut cache = Cache::new(&mut octets);
    let marked = Marks::bit(3);
    put(&mut cache, "old._ipp._udp.local");
    let wanted = put(&mut cache, "_http._tcp.local");
    cache.add_marks(wanted, marked);
    put(&mut cache, "older.local");
    let host = put(&mut cache, "cam.local");
    let instance = put(&mut cache, "Cam._http._tcp.local");
    let mut entry = Entry { target: host, ..Entry::new(instance, Type::SRV, 120, NOW) };
    cache.insert_entry(&mut entry, [0; 6].into_iter(), 0).unwrap();
    let asked = put(&mut cache, "asked.local");
    cache.insert_question(&mut Question::new(asked, Type::A, NOW), 0).unwrap();
    let ids = [wanted, host, instance, asked].map(|at| cache.id(at));

    cache.sweep(marked);
    assert_eq!(
        names(&cache),
        ["local", "_tcp.local", "_http._tcp.local", "cam.local", "Cam._http._tcp.local", "asked.local"]
    );
    let [wanted, host, instance, asked] = ids.map(|id| cache.named(id).unwrap());
    assert!(cache.marks(wanted).any(marked));
    let mut stored = cache.entries().next().unwrap();
    assert_eq!((stored.name, stored.target()), (instance, Some(host)));
    assert_eq!(questions(&cache)[0].name, asked);

    cache.remove(&mut stored);
    let mut question = questions(&cache)[0];
    cache.remove_question(&mut question);
    cache.sweep(Marks::NONE);
    assert_eq!(names(&cache).len(), 0);
    assert_eq!(cache.free(), 294);
}

// S9
#[test]
fn a_full_store_says_what_it_needs_and_stays_as_it_was() {
    let mut octets = [0; 15 + Entry::FIXED + 4 + 1 + 3];
    let mut cache = Cache::new(&mut octets);
    let name = put(&mut cache, "a");
    assert_eq!(insert(&mut cache, name, b"123456"), Err(CacheFull { needed: Entry::FIXED + 8 }));
    insert(&mut cache, name, b"1234").unwrap();
    assert_eq!(insert(&mut cache, name, b""), Err(CacheFull { needed: Entry::FIXED }));
    // Places are counted in fours.
    assert_eq!(cache.put_name(&Name::LOCAL, 0), Err(CacheFull { needed: 3 + 6 + 7 }));
    assert_eq!(
        cache.insert_question(&mut Question::new(name, Type::A, NOW), 0),
        Err(CacheFull { needed: 16 })
    );
    assert_eq!(data(&cache), [b"1234"]);
    assert_eq!(names(&cache), ["a"]);
}

#[test]
fn what_is_to_stay_free_stays_free() {
    let mut octets = [0; 100];
    let mut cache = Cache::new(&mut octets);
    let name = put(&mut cache, "a");
    let free = cache.free();
    let mut entry = Entry::new(name, Type::TXT, 120, NOW);
    assert!(cache.insert_entry(&mut entry, core::iter::empty(), free - Entry::FIXED + 1).is_err());
    assert!(
        cache.insert_question(&mut Question::new(name, Type::A, NOW), free - Question::FIXED + 1).is_err()
    );
    assert!(cache.put_name(&Name::LOCAL, free - 15).is_err());
    cache.put_name(&Name::LOCAL, free - 16).unwrap();
    assert_eq!(cache.free(), free - 16);
}

#[test]
fn an_id_in_use_is_not_given_again() {
    let mut octets = [0; 46];
    let mut cache = Cache::new(&mut octets);
    let first = put(&mut cache, "a");
    let kept = Marks::bit(0);
    cache.add_marks(first, kept);
    let first = cache.id(first);
    for _ in 0..=u16::MAX {
        let other = put(&mut cache, "b");
        assert_ne!(cache.id(other), first);
        cache.sweep(kept);
    }
}

#[test]
fn endings_behind_the_reach_of_pointers_are_repeated() {
    let mut octets = std::vec![0; 200_000];
    let mut cache = Cache::new(&mut octets);
    put(&mut cache, "early.local");
    for count in 0..300 {
        put(&mut cache, &std::format!("{count:06}-{:050}.early.local", 0));
    }
    let used = 200_000 - cache.free();
    assert!(used > 0x4000, "{used}");
    let before = cache.free();
    let near = put(&mut cache, "near.early.local");
    assert!(before - cache.free() < 6 + 5 + 2 + 4);
    let late = put(&mut cache, "late.local");
    let before = cache.free();
    let far = put(&mut cache, "far.late.local");
    assert!(before - cache.free() >= 6 + 16, "it has all its labels");
    assert_eq!(put(&mut cache, "FAR.late.local"), far);
    let texts = [near, late, far].map(|at| cache.name(at).to_string());
    assert_eq!(texts, ["near.early.local", "late.local", "far.late.local"]);
    // Records lead to names at any distance.
    let mut entry = Entry { target: late, ..Entry::new(far, Type::PTR, 120, NOW) };
    cache.insert_entry(&mut entry, core::iter::empty(), 0).unwrap();
    cache.add_marks(near, Marks::bit(2));
    cache.sweep(Marks::bit(2));
    let stored = cache.entries().next().unwrap();
    let [owner, target] = [stored.name, stored.target().unwrap()].map(|at| cache.name(at).to_string());
    assert_eq!((&*owner, &*target), ("far.late.local", "late.local"));
    assert_eq!(names(&cache), ["local", "early.local", "near.early.local", "late.local", "far.late.local"]);
}
