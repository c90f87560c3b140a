//! Start-up: the chip, its radio, the network stack. The order matters; `dotlocal::adapter::esp32` says why.

use dotlocal::adapter::embassy::link_local;
use dotlocal::adapter::esp32::Random;
use dotlocal::name::HostLabel;
use embassy_executor::Spawner;
use embassy_net::{DhcpConfig, Runner, Stack, StackResources};
use embassy_time::Timer;
use esp_backtrace as _;
use esp_hal::rng::{Rng, TrngSource};
use esp_hal::timer::timg::TimerGroup;
use esp_println::println;
use esp_radio::wifi::sta::StationConfig;
use esp_radio::wifi::{AuthenticationMethodConfig, Config, ControllerConfig, Interface, WifiController};
use static_cell::StaticCell;

esp_bootloader_esp_idf::esp_app_desc!();

const SSID: &str = env!("SSID", "say which network to join: SSID=home PASSWORD=secret12 cargo run --release");
const PASSWORD: &str = env!("PASSWORD", "say its password: SSID=home PASSWORD=secret12 cargo run --release");

const _: () = assert!(matches!(SSID.len(), 1..=32), "SSID has 1 to 32 octets");
const _: () = assert!(matches!(PASSWORD.len(), 8..=63), "PASSWORD has 8 to 63 characters, as WPA2 wants it");

/// What the application needs of the board.
pub struct Board {
    pub stack: Stack<'static>,
    pub name: &'static str,
    pub mac: [u8; 6],
    pub random: u32,
}

/// Starts the radio and a stack whose tasks connect and stay connected. The board's name begins with `front`.
pub fn start(spawner: Spawner, front: &str) -> Board {
    let peripherals = esp_hal::init(esp_hal::Config::default());
    esp_alloc::heap_allocator!(size: 72 * 1024);
    let timers = TimerGroup::new(peripherals.TIMG0);
    esp_rtos::start(timers.timer0, peripherals.FROM_CPU_INTR0);

    let password = PASSWORD.try_into().expect("checked above");
    let network = StationConfig::default()
        .with_ssid(SSID.try_into().expect("checked above"))
        .with_authentication(AuthenticationMethodConfig::Wpa2Personal(password));
    let config = ControllerConfig::default().with_initial_config(Config::Station(network));
    let radio = WifiController::new(peripherals.WIFI, config).expect("the radio starts");

    let rng = Rng::new();
    let mut random = Random::new(TrngSource::is_enabled(), || rng.random()).expect("the radio is on");
    let station = Interface::station();
    let mac = station.mac_address();
    static NAME: StaticCell<HostLabel> = StaticCell::new();
    let name = NAME.init(HostLabel::from_mac(front, mac).expect("a host name")).as_str();

    let mut dhcp = DhcpConfig::default();
    dhcp.hostname = Some(name.try_into().expect("a host name has up to 32 octets"));
    let mut config = embassy_net::Config::dhcpv4(dhcp);
    config.ipv6 = link_local(mac);
    // DHCP, and two sockets of multicast DNS; one more for each socket of yours.
    static RESOURCES: StaticCell<StackResources<3>> = StaticCell::new();
    let resources = RESOURCES.init(StackResources::new());
    let number = u64::from(random.draw()) << 32 | u64::from(random.draw());
    let (stack, runner) = embassy_net::new(station, config, resources, number);
    spawner.spawn(run_stack(runner).expect("one task"));
    spawner.spawn(stay_connected(radio).expect("one task"));
    Board { stack, name, mac, random: random.draw() }
}

#[embassy_executor::task]
async fn run_stack(mut runner: Runner<'static, Interface>) -> ! {
    runner.run().await
}

#[embassy_executor::task]
async fn stay_connected(mut radio: WifiController<'static>) -> ! {
    let mut pause_secs = 1;
    loop {
        match radio.connect_async().await {
            Ok(_) => {
                println!("connected to {SSID}");
                pause_secs = 1;
                let why = radio.wait_for_disconnect_async().await;
                println!("disconnected: {why:?}");
            }
            Err(why) => println!("not connected: {why:?}"),
        }
        Timer::after_secs(pause_secs).await;
        pause_secs = (pause_secs * 2).min(32);
    }
}
