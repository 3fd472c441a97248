//! Graceful shutdown: one switch, any number of listeners.

use std::time::Duration;

use tokio::sync::watch;

/// The switch. Dropping it stops the listeners too: an agent never outlives whoever started it.
#[derive(Debug)]
pub struct StopSwitch(watch::Sender<bool>);

/// A listener, cheap to clone and to ask.
#[derive(Clone, Debug)]
pub struct Stop(watch::Receiver<bool>);

impl StopSwitch {
    /// A switch that was not used yet, and its first listener.
    #[must_use]
    pub fn new() -> (Self, Stop) {
        let (sender, receiver) = watch::channel(false);
        (Self(sender), Stop(receiver))
    }

    /// Asks every listener to finish what it must and return.
    pub fn stop(&self) {
        self.0.send_replace(true);
    }
}

impl Stop {
    /// Whether it is time to return.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        *self.0.borrow() || self.0.has_changed().is_err()
    }

    /// Waits until it is time to return.
    pub async fn stopped(&self) {
        let mut receiver = self.0.clone();
        // An error says that the switch is gone, which means the same.
        let _ = receiver.wait_for(|stopped| *stopped).await;
    }

    /// Waits, and says whether the whole time passed before it became time to return.
    pub async fn sleep(&self, duration: Duration) -> bool {
        tokio::select! {
            () = self.stopped() => false,
            () = tokio::time::sleep(duration) => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_secs(3600);

    #[tokio::test]
    async fn stopping_wakes_every_listener() {
        let (switch, stop) = StopSwitch::new();
        let other = stop.clone();
        assert!(!stop.is_stopped());
        let sleeper = tokio::spawn(async move { other.sleep(LONG).await });
        switch.stop();
        assert!(!sleeper.await.unwrap());
        assert!(stop.is_stopped());
        assert!(!stop.sleep(LONG).await);
    }

    #[tokio::test]
    async fn a_dropped_switch_stops_and_a_short_sleep_ends_by_itself() {
        let (switch, stop) = StopSwitch::new();
        assert!(stop.sleep(Duration::from_millis(1)).await);
        drop(switch);
        assert!(stop.is_stopped());
        stop.stopped().await;
    }
}
