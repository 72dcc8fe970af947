//! The line between a program and a server that it needs, in a test's hands: it is cut, and mended.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

/// A line to one server.
#[derive(Debug)]
pub struct Line {
    /// Where the program finds the server, as long as the line holds.
    pub address: SocketAddr,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    is_cut: bool,
    carried: Vec<JoinHandle<()>>,
}

impl Line {
    /// A line to the server at `target`, such as `127.0.0.1:5432`.
    pub async fn to(target: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let state = Arc::<Mutex<State>>::default();
        let held = Arc::clone(&state);
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                let mut state = held.lock().unwrap_or_else(PoisonError::into_inner);
                // What calls over a cut line is hung up on.
                if !state.is_cut {
                    state.carried.push(tokio::spawn(carry(near, target.clone())));
                }
            }
        });
        Self { address, state }
    }

    /// Cuts it: what was being said over it ends, and nobody gets through.
    pub fn cut(&self) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.is_cut = true;
        for carried in state.carried.drain(..) {
            carried.abort();
        }
    }

    /// Mends it.
    pub fn mend(&self) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).is_cut = false;
    }
}

async fn carry(mut near: TcpStream, target: String) {
    if let Ok(mut far) = TcpStream::connect(&target).await {
        // Whichever side hangs up, the other hears it.
        let _ = tokio::io::copy_bidirectional(&mut near, &mut far).await;
    }
}
