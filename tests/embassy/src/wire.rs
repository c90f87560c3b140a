//! An Ethernet without loss or delay, and its network cards.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;
use std::task::{Context, Waker};

use embassy_net_driver::{Capabilities, Driver, HardwareAddress, LinkState};

/// What all cards are plugged into.
#[derive(Clone, Default)]
pub struct Wire {
    cards: Rc<RefCell<Vec<State>>>,
    sent: Rc<RefCell<Vec<Frame>>>,
}

/// What a card has sent.
#[derive(Clone, Debug)]
pub struct Frame {
    pub card: usize,
    pub octets: Vec<u8>,
}

struct State {
    received: VecDeque<Vec<u8>>,
    waker: Option<Waker>,
    is_up: bool,
    can_send: bool,
}

impl Wire {
    pub fn new() -> Self {
        Self::default()
    }

    /// A card whose cable is plugged in.
    pub fn card(&self) -> Card {
        let mut cards = self.cards.borrow_mut();
        cards.push(State { received: VecDeque::new(), waker: None, is_up: true, can_send: true });
        Card { wire: self.clone(), number: cards.len() - 1 }
    }

    /// Pulls a cable, or plugs it in.
    pub fn plug(&self, card: usize, is_up: bool) {
        self.change(card, |state| state.is_up = is_up);
    }

    /// Whether a card has room for what is to be sent.
    pub fn let_send(&self, card: usize, can_send: bool) {
        self.change(card, |state| state.can_send = can_send);
    }

    /// Has all cards but number `from` receive a frame.
    pub fn send(&self, from: usize, octets: &[u8]) {
        self.sent.borrow_mut().push(Frame { card: from, octets: octets.to_vec() });
        let is_up = self.cards.borrow().get(from).is_none_or(|state| state.is_up);
        let count = self.cards.borrow().len();
        for card in (0..count).filter(|card| is_up && *card != from) {
            self.change(card, |state| {
                if state.is_up {
                    state.received.push_back(octets.to_vec());
                }
            });
        }
    }

    /// What was sent since the last call.
    pub fn take_sent(&self) -> Vec<Frame> {
        self.sent.take()
    }

    fn change(&self, card: usize, change: impl FnOnce(&mut State)) {
        let waker = {
            let state = &mut self.cards.borrow_mut()[card];
            change(state);
            state.waker.take()
        };
        waker.into_iter().for_each(Waker::wake);
    }
}

/// A network card.
pub struct Card {
    wire: Wire,
    pub number: usize,
}

impl Card {
    pub fn mac(&self) -> [u8; 6] {
        [2, 0, 0, 0, 0, self.number as u8 + 1]
    }
}

impl Driver for Card {
    type RxToken<'a> = Received;
    type TxToken<'a> = Sending<'a>;

    fn receive(&mut self, cx: &mut Context<'_>) -> Option<(Received, Sending<'_>)> {
        let octets = {
            let state = &mut self.wire.cards.borrow_mut()[self.number];
            state.waker = Some(cx.waker().clone());
            if !state.can_send {
                return None;
            }
            state.received.pop_front()?
        };
        Some((Received(octets), Sending(self)))
    }

    fn transmit(&mut self, cx: &mut Context<'_>) -> Option<Sending<'_>> {
        let can_send = {
            let state = &mut self.wire.cards.borrow_mut()[self.number];
            state.waker = Some(cx.waker().clone());
            state.can_send
        };
        can_send.then_some(Sending(self))
    }

    fn link_state(&mut self, cx: &mut Context<'_>) -> LinkState {
        let state = &mut self.wire.cards.borrow_mut()[self.number];
        state.waker = Some(cx.waker().clone());
        if state.is_up { LinkState::Up } else { LinkState::Down }
    }

    fn capabilities(&self) -> Capabilities {
        let mut capabilities = Capabilities::default();
        capabilities.max_transmission_unit = 1514;
        capabilities
    }

    fn hardware_address(&self) -> HardwareAddress {
        HardwareAddress::Ethernet(self.mac())
    }
}

pub struct Received(Vec<u8>);

impl embassy_net_driver::RxToken for Received {
    fn consume<R, F: FnOnce(&mut [u8]) -> R>(mut self, read: F) -> R {
        read(&mut self.0)
    }
}

pub struct Sending<'a>(&'a mut Card);

impl embassy_net_driver::TxToken for Sending<'_> {
    fn consume<R, F: FnOnce(&mut [u8]) -> R>(self, len: usize, write: F) -> R {
        let mut octets = vec![0; len];
        let result = write(&mut octets);
        self.0.wire.send(self.0.number, &octets);
        result
    }
}
