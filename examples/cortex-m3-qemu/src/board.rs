//! The board beside its Ethernet: the clock, the arguments, the cable, the end.

use core::cell::Cell;
use core::panic::PanicInfo;
use core::ptr::{read_volatile, write_volatile};

use cortex_m::interrupt::{Mutex, free};
use cortex_m::peripheral::syst::SystClkSource;
use cortex_m_rt::{STACK_PAINT_VALUE, exception, heap_start};
use cortex_m_semihosting::{hprintln, syscall1};
use smoltcp::time::{Duration, Instant};
use smoltcp::wire::IpCidr;

use crate::enet::Enet;

/// Milliseconds since the start; they do not wrap.
static MILLIS: Mutex<Cell<i64>> = Mutex::new(Cell::new(0));

#[exception]
fn SysTick() {
    free(|key| MILLIS.borrow(key).set(MILLIS.borrow(key).get() + 1));
}

/// The chip starts with a clock of 12.5 MHz.
const CYCLES_IN_A_MILLISECOND: u32 = 12_500;

pub struct Board(());

impl Board {
    /// Starts the clock and the serial port. To be called once.
    pub fn start() -> Self {
        let mut peripherals = cortex_m::Peripherals::take().unwrap();
        peripherals.SYST.set_clock_source(SystClkSource::Core);
        peripherals.SYST.set_reload(CYCLES_IN_A_MILLISECOND - 1);
        peripherals.SYST.clear_current();
        peripherals.SYST.enable_interrupt();
        peripherals.SYST.enable_counter();
        // SAFETY: registers of this chip. The clock of the port, its receiver, and the port itself.
        unsafe {
            write_volatile(RCGC1, read_volatile(RCGC1) | 1);
            write_volatile(UART_CONTROL, 0x201);
        }
        Self(())
    }

    pub fn now(&self) -> Instant {
        Instant::from_millis(free(|key| MILLIS.borrow(key).get()))
    }

    /// What somebody has typed at the serial port; a `q` at the `end`.
    pub fn letter(&mut self, end: Instant) -> Option<u8> {
        if self.now() >= end {
            return Some(b'q');
        }
        // SAFETY: a register of this chip, which nobody else reads. There is something in it.
        self.has_letter().then(|| unsafe { read_volatile(UART_DATA) as u8 })
    }

    /// Waits for a frame, for the time that `delay` names, or until `end`. The clock wakes the processor each millisecond.
    pub fn sleep(&self, delay: Option<Duration>, end: Instant, device: &Enet) {
        let until = delay.map_or(end, |delay| end.min(self.now() + delay));
        while self.now() < until && !device.has_frame() && !self.has_letter() {
            cortex_m::asm::wfi();
        }
    }

    fn has_letter(&self) -> bool {
        // SAFETY: a register of this chip; reading it changes nothing.
        unsafe { read_volatile(UART_FLAGS) & RECEIVED_NOTHING == 0 }
    }
}

/// What the firmware is started with: a real one has it in its flash.
pub struct Arguments<'t> {
    pub host: &'t str,
    pub address: Option<IpCidr>,
    pub seconds: Duration,
    /// The host to find.
    pub find: &'t str,
    /// The services to find.
    pub service_type: &'t str,
}

impl<'t> Arguments<'t> {
    /// Asks the emulator: `arg=HOST,arg=ADDRESS/PREFIX,arg=SECONDS,arg=FIND,arg=TYPE`. What is left out has a default.
    pub fn read(text: &'t mut [u8]) -> Self {
        let mut block = [text.as_mut_ptr() as usize, text.len()];
        // SAFETY: the call writes into `text`, no more than its length, and the length into the block.
        let is_refused = unsafe { syscall1(SYS_GET_CMDLINE, block.as_mut_ptr() as usize) } != 0;
        let octets = if is_refused { &[] } else { text.get(..block[1]).unwrap_or(&[]) };
        let mut words = core::str::from_utf8(octets).unwrap_or("").split(' ').filter(|word| !word.is_empty());
        Self {
            host: words.next().unwrap_or("cortex-m3"),
            address: words.next().unwrap_or("10.0.2.15/24").parse().ok(),
            seconds: Duration::from_secs(words.next().and_then(|word| word.parse().ok()).unwrap_or(60)),
            find: words.next().unwrap_or("printer.local"),
            service_type: words.next().unwrap_or("_http._tcp"),
        }
    }
}

/// The most stack that was in use so far, in octets: what is above the lowest word that has no more paint on it.
pub fn most_stack() -> usize {
    let bottom = heap_start();
    // The stack starts at the end of the RAM.
    let words = (END_OF_RAM - bottom as usize) / size_of::<u32>();
    // SAFETY: RAM from the end of the statics to its own end, read only.
    let is_painted = |at: &usize| unsafe { read_volatile(bottom.add(*at)) } == STACK_PAINT_VALUE;
    let untouched = (0..words).take_while(is_painted).count();
    (words - untouched) * size_of::<u32>()
}

/// Ends the emulator with this status.
pub fn exit(status: usize) -> ! {
    let block = [ADP_STOPPED_APPLICATION_EXIT, status];
    loop {
        // SAFETY: the call reads the block.
        unsafe { syscall1(SYS_EXIT_EXTENDED, block.as_ptr() as usize) };
    }
}

#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    hprintln!("{}", info);
    exit(101)
}

const END_OF_RAM: usize = 0x2000_0000 + 64 * 1024;
const RCGC1: *mut u32 = 0x400F_E104 as *mut u32;
const UART_DATA: *const u32 = 0x4000_C000 as *const u32;
const UART_FLAGS: *const u32 = 0x4000_C018 as *const u32;
const UART_CONTROL: *mut u32 = 0x4000_C030 as *mut u32;
const RECEIVED_NOTHING: u32 = 1 << 4;
// Semihosting for AArch32 and AArch64, sections 6.6, 6.9 and 6.8.
const SYS_GET_CMDLINE: usize = 0x15;
const SYS_EXIT_EXTENDED: usize = 0x20;
const ADP_STOPPED_APPLICATION_EXIT: usize = 0x2_0026;
