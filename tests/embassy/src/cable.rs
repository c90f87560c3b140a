//! A tap device with a cable that can be pulled: the kernel does not tell its user of that.

use std::cell::RefCell;
use std::rc::Rc;
use std::task::{Context, Waker};

use embassy_net_driver::{Capabilities, Driver, HardwareAddress, LinkState};
use embassy_net_tuntap::TunTapDevice;

/// The device as a network card.
pub struct Cabled {
    device: TunTapDevice,
    cable: Cable,
}

/// Its cable.
#[derive(Clone, Default)]
pub struct Cable(Rc<RefCell<(bool, Option<Waker>)>>);

impl Cabled {
    pub fn new(device: TunTapDevice) -> (Self, Cable) {
        let cable = Cable::default();
        cable.plug(true);
        (Self { device, cable: cable.clone() }, cable)
    }
}

impl Cable {
    pub fn plug(&self, is_in: bool) {
        let mut state = self.0.borrow_mut();
        state.0 = is_in;
        state.1.take().into_iter().for_each(Waker::wake);
    }

    fn look(&self, cx: &Context<'_>) -> bool {
        let mut state = self.0.borrow_mut();
        state.1 = Some(cx.waker().clone());
        state.0
    }
}

impl Driver for Cabled {
    type RxToken<'a> = <TunTapDevice as Driver>::RxToken<'a>;
    type TxToken<'a> = <TunTapDevice as Driver>::TxToken<'a>;

    fn receive(&mut self, cx: &mut Context<'_>) -> Option<(Self::RxToken<'_>, Self::TxToken<'_>)> {
        while !self.cable.look(cx) {
            // What arrives meanwhile is lost.
            self.device.receive(cx)?;
        }
        self.device.receive(cx)
    }

    fn transmit(&mut self, cx: &mut Context<'_>) -> Option<Self::TxToken<'_>> {
        if self.cable.look(cx) { self.device.transmit(cx) } else { None }
    }

    fn link_state(&mut self, cx: &mut Context<'_>) -> LinkState {
        if self.cable.look(cx) { LinkState::Up } else { LinkState::Down }
    }

    fn capabilities(&self) -> Capabilities {
        self.device.capabilities()
    }

    fn hardware_address(&self) -> HardwareAddress {
        self.device.hardware_address()
    }
}
